import type { FastifyReply, FastifyRequest } from "fastify";
import type { RateDecision, RateLimiter } from "../domain/limits/rate-limiter.ts";
import type { Principal } from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Value of the `RateLimit` header; null: nothing is limited, or not yet counted. */
    rateLimit: string | null;
  }
}

export interface RateLimitsOptions {
  /** Of one API key or user; null: no limit. */
  readonly caller: RateLimiter | null;
  readonly project: RateLimiter | null;
}

type Policy = "caller" | "project";

/** `Retry-After` has whole seconds. */
const LEAST_RETRY_SECONDS = 1;

/** The limits of requests: counts each, and tells what is left in headers (draft-ietf-httpapi-ratelimit-headers-10). */
export class RateLimits {
  /** `RateLimit-Policy`; null: nothing is limited. The same for every answer. */
  readonly policy: string | null;
  readonly #options: RateLimitsOptions;

  constructor(options: RateLimitsOptions) {
    this.#options = options;
    const policies = [policyOf("caller", options.caller), policyOf("project", options.project)];
    const known = policies.filter((one) => one !== null);
    this.policy = known.length === 0 ? null : known.join(", ");
  }

  /** Counts a request; a promise only where a shared count has to be asked. @throws ProblemError `rate_limited` */
  admit(request: FastifyRequest, principal: Principal): Promise<void> | undefined {
    const { caller, project } = this.#options;
    if (caller === null && project === null) return undefined;
    const now = performance.now();
    const first = caller === null ? null : caller.take(principal.id, now);
    if (first instanceof Promise) return first.then((done) => this.#second(request, principal, done, now));
    return this.#second(request, principal, first, now);
  }

  /** Requests that could come now. */
  remaining(principal: Principal): Readonly<Record<Policy, number | null>> {
    const { caller, project } = this.#options;
    const now = performance.now();
    return {
      caller: caller?.peek(principal.id, now) ?? null,
      project: project?.peek(principal.projectId, now) ?? null,
    };
  }

  #second(
    request: FastifyRequest,
    { projectId }: Principal,
    first: RateDecision | null,
    now: number,
  ): Promise<void> | undefined {
    if (first !== null) this.#settle(request, "caller", first);
    const { project } = this.#options;
    if (project === null) return undefined;
    const second = project.take(projectId, now);
    if (second instanceof Promise) return second.then((done) => this.#least(request, first, done));
    this.#least(request, first, second);
    return undefined;
  }

  #least(request: FastifyRequest, first: RateDecision | null, second: RateDecision): void {
    if (first === null || second.remaining < first.remaining || !second.isAllowed)
      this.#settle(request, "project", second);
  }

  #settle(
    request: FastifyRequest,
    policy: Policy,
    { isAllowed, remaining, resetMs, retryAfterMs }: RateDecision,
  ): void {
    request.rateLimit = `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
    if (isAllowed) return;
    const retryAfterSeconds = Math.max(LEAST_RETRY_SECONDS, retryAfterMs / 1000);
    const whose = policy === "caller" ? "This caller" : "The project";
    throw new ProblemError("rate_limited", `${whose} sends too many requests.`, { retryAfterSeconds });
  }
}

/** `q` requests in `w` seconds: the burst, and the time in which it is earned. */
function policyOf(policy: Policy, limiter: RateLimiter | null): string | null {
  if (limiter === null) return null;
  const { perSecond, burst } = limiter.limit;
  return `"${policy}";q=${burst};w=${Math.max(1, Math.ceil(burst / perSecond))}`;
}

/** Puts the headers on an answer that goes by Fastify's reply. */
export function setRateLimitHeaders(policy: string, request: FastifyRequest, reply: FastifyReply): void {
  if (request.rateLimit !== null) reply.header("ratelimit-policy", policy).header("ratelimit", request.rateLimit);
}
