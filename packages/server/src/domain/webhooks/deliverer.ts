import { WEBHOOK_RESPONSE_BYTES, WEBHOOKS_PER_HOST } from "@tda-platform/contract/limits";
import type { DeliveryError } from "@tda-platform/contract/webhooks";
import type { Logger } from "../../internal/logger.ts";
import {
  OutgoingError,
  type OutgoingPolicy,
  type OutgoingResponse,
  sendOutgoing,
} from "../../internal/outgoing/outgoing-request.ts";
import type { AttemptOutcome, DeliveryQueue, DueDelivery, WebhookSecrets } from "./delivery-queue.ts";
import { retryWaitMs } from "./retry-schedule.ts";
import { signatureHeaders } from "./signature.ts";

/** Of a webhook's attempts: told, failed and to be tried again, given up, or given back because the instance stops. */
export type WebhookAttemptEnd = "delivered" | "retried" | "dead" | "given_back";

export interface DelivererOptions {
  readonly queue: DeliveryQueue;
  readonly secrets: Pick<WebhookSecrets, "signing" | "renew">;
  readonly policy: OutgoingPolicy;
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly retentionDays: number;
  readonly version: string;
  readonly logger: Logger;
  /** Called with the end of each attempt, once it is recorded. */
  readonly onAttempt?: (end: WebhookAttemptEnd) => void;
  /** Wait after so many failures; the schedule of `retryWaitMs` unless told. */
  readonly waitMs?: (failures: number, askedMs: number | null) => number;
  readonly pollMs?: number;
}

const POLL_MS = 1_000;
const QUEUE_BATCH = 100;
/** Beyond the time of an attempt: for the secrets before it and for its record after it. */
const LEASE_EXTRA_MS = 30_000;
const MAINTENANCE_EVERY_MS = 3_600_000;
/** What a stop leaves to attempts that are under way. */
const LAST_ATTEMPTS_MS = 2_000;
const GONE = 410;

/**
 * Delivers webhooks, of every project, at least once: an attempt is a lease, its end is recorded under the attempt's number, and
 * what ends with this process is attempted again by another when the lease is over. Bounded in all, and for each host.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #stopping = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #underWay = new Map<Promise<void>, string>();
  #running: Promise<void> = Promise.resolve();
  #nextMaintenance = 0;
  #wake: () => void = () => undefined;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Takes nothing new; attempts under way get two seconds, and are then given back. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    const timer = setTimeout(() => this.#giveUp.abort(new Error("the instance stops")), LAST_ATTEMPTS_MS);
    await this.#running;
    await Promise.all(this.#underWay.keys());
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      let hasMore = false;
      try {
        hasMore = await this.#step();
      } catch (error) {
        this.#options.logger.warn({ err: error }, "webhooks cannot be looked for; trying again");
      }
      if (!hasMore) await this.#pause();
    }
  }

  /** Until the next look, or until an attempt has ended: what it held up may go on then. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs ?? POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping.signal.aborted) this.#wake();
    });
  }

  async #step(): Promise<boolean> {
    const { queue, concurrency, timeoutMs } = this.#options;
    await this.#maintain();
    const queued = await queue.queueEndedJobs(QUEUE_BATCH);
    const limit = concurrency - this.#underWay.size;
    if (limit <= 0) return false;
    const underWay = new Map<string, number>();
    for (const host of this.#underWay.values()) underWay.set(host, (underWay.get(host) ?? 0) + 1);
    const leaseMs = timeoutMs + LEASE_EXTRA_MS;
    const due = await queue.claim({ limit, perHost: WEBHOOKS_PER_HOST, underWay, leaseMs });
    for (const delivery of due) this.#begin(delivery);
    return queued === QUEUE_BATCH || due.length === limit;
  }

  async #maintain(): Promise<void> {
    if (Date.now() < this.#nextMaintenance) return;
    this.#nextMaintenance = Date.now() + MAINTENANCE_EVERY_MS;
    const { queue, secrets, retentionDays, logger } = this.#options;
    const deleted = await queue.deleteOld(retentionDays);
    if (deleted > 0) logger.info({ deleted }, "old webhook deliveries deleted");
    const renewed = await secrets.renew();
    if (renewed > 0) logger.info({ renewed }, "webhook secrets are under the present master key");
  }

  #begin(delivery: DueDelivery): void {
    const work = this.#deliver(delivery).finally(() => {
      this.#underWay.delete(work);
      this.#wake();
    });
    this.#underWay.set(work, delivery.host);
  }

  async #deliver(delivery: DueDelivery): Promise<void> {
    const { queue, logger } = this.#options;
    const { id, projectId, attempt } = delivery;
    try {
      const outcome = await this.#attempt(delivery);
      await queue.settle(delivery, outcome);
      this.#options.onAttempt?.(endOf(outcome));
      // Neither the URL nor what was answered: both are the project's own.
      logger.debug({ deliveryId: id, projectId, attempt, outcome: outcome.kind }, "webhook attempted");
    } catch (error) {
      // The lease ends, and the attempt is made again.
      logger.warn({ err: error, deliveryId: id, projectId, attempt }, "a webhook could not be attempted or recorded");
    }
  }

  async #attempt(delivery: DueDelivery): Promise<AttemptOutcome> {
    const { secrets, policy, timeoutMs, version } = this.#options;
    const { id, url, body } = delivery;
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const signed = signatureHeaders({ id, timestampSeconds, body }, await secrets.signing(delivery.projectId));
    try {
      const response = await sendOutgoing(
        {
          method: "POST",
          url,
          headers: { ...signed, "content-type": "application/json", "user-agent": `tda-platform/${version}` },
          body: Buffer.from(body),
          timeoutMs,
          responseLimitBytes: WEBHOOK_RESPONSE_BYTES,
          onLongResponse: "cut",
          signal: this.#giveUp.signal,
        },
        policy,
      );
      return this.#judge(delivery, response);
    } catch (error) {
      if (this.#giveUp.signal.aborted) return { kind: "released" };
      if (!(error instanceof OutgoingError)) throw error;
      // A long response is cut and no error. A URL that may not be called at all will not become one that may.
      const reason = error.reason as DeliveryError;
      return reason === "url_not_allowed"
        ? { kind: "failed", error: reason, responseStatus: null, retryAfterMs: null }
        : this.#failed(delivery, reason, null, null);
    }
  }

  #judge(delivery: DueDelivery, { status, headers }: OutgoingResponse): AttemptOutcome {
    if (status >= 200 && status < 300) return { kind: "delivered", responseStatus: status };
    if (status === GONE) {
      return { kind: "failed", error: "status_refused", responseStatus: status, retryAfterMs: null };
    }
    const asked = /^\d{1,9}$/.test(headers["retry-after"] ?? "") ? Number(headers["retry-after"]) * 1000 : null;
    return this.#failed(delivery, "status_refused", status, asked);
  }

  #failed(
    { failures }: DueDelivery,
    error: DeliveryError,
    responseStatus: number | null,
    askedMs: number | null,
  ): AttemptOutcome {
    const { maxAttempts, waitMs = retryWaitMs } = this.#options;
    const isLast = failures + 1 >= maxAttempts;
    return { kind: "failed", error, responseStatus, retryAfterMs: isLast ? null : waitMs(failures + 1, askedMs) };
  }
}

function endOf(outcome: AttemptOutcome): WebhookAttemptEnd {
  if (outcome.kind === "released") return "given_back";
  if (outcome.kind === "delivered") return "delivered";
  return outcome.retryAfterMs === null ? "dead" : "retried";
}
