import type { IncomingHttpHeaders } from "node:http";
import { ProblemError } from "../domain/problem.ts";
import { isLoopbackHost } from "../internal/loopback.ts";

const FORWARDING = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"] as const;

/**
 * Without authentication anyone who reaches the port is administrator, so only this machine's own programs may: a page of
 * another site in the user's browser (DNS rebinding, cross-site requests) and a proxy may not.
 * @throws ProblemError
 */
export function refuseForeignRequest(headers: IncomingHttpHeaders): void {
  if (!isLoopbackAuthority(headers.host)) {
    throw new ProblemError("host_not_allowed", "Without authentication the server answers only as localhost.");
  }
  if (headers.origin !== undefined && !isLoopbackOrigin(headers.origin)) {
    throw new ProblemError("origin_not_allowed", "Without authentication pages of other sites are not answered.");
  }
  if (headers["sec-fetch-site"] === "cross-site") {
    throw new ProblemError("origin_not_allowed", "Without authentication requests of other sites are not answered.");
  }
  if (FORWARDING.some((name) => headers[name] !== undefined)) {
    throw new ProblemError("forwarding_not_allowed", "Without authentication forwarded requests are not answered.");
  }
}

const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/;
const ORIGIN = /^https?:\/\/([^/?#@]*)$/;

function isLoopbackAuthority(authority: string | undefined): boolean {
  const host = AUTHORITY.exec(authority ?? "")?.[1];
  return host !== undefined && isLoopbackHost(host);
}

function isLoopbackOrigin(origin: string): boolean {
  return isLoopbackAuthority(ORIGIN.exec(origin)?.[1]);
}
