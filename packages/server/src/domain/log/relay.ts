import { once } from "node:events";
import type { Logger } from "../../internal/logger.ts";
import { DependencyUnavailable } from "../errors.ts";
import { type EventCodec, type EventLog, type LogMessage, RECORD_LIMIT_BYTES } from "./event-log.ts";
import { OUTBOX_LANES, type Outbox, type OutboxRow } from "./outbox.ts";
import { messagesOf } from "./outbox-messages.ts";
import { LeaseLost, type LeaseMembership, type PartitionLeases } from "./partition-leases.ts";

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly log: EventLog;
  readonly codec: Pick<EventCodec, "encode">;
  readonly leases: PartitionLeases;
  readonly logger: Logger;
  readonly pollMs?: number;
}

/** Aggregates of a lane in a batch. */
const perLane = 32;
const standardPollMs = 500;
const retryMs = { first: 200, longest: 5_000 } as const;

/**
 * Brings what was written to the outbox to the log. Every lane has one relay at a time, by lease; a row is marked after the
 * log has it, so that it is sent again when the relay, the log or the database fails in between, and none is passed over: what is
 * unmarked is looked for, not what comes after a place. The versions of an aggregate are sent in their order.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #pollMs: number;
  #membership: LeaseMembership | null = null;
  #batch: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | null = null;
  #isStopped = false;
  #isWoken = false;
  #wake: () => void = () => undefined;
  #stopListening: () => void = () => undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#pollMs = options.pollMs ?? standardPollMs;
  }

  start(): void {
    const { leases, outbox } = this.#options;
    const wake = (): void => {
      this.#isWoken = true;
      this.#wake();
    };
    this.#stopListening = outbox.onWritten(wake);
    this.#membership = leases.join({
      group: "relay",
      topic: "outbox",
      partitions: OUTBOX_LANES,
      onChange: wake,
      work: (_lease, signal) => this.#holdUntil(signal),
    });
    this.#running = this.#run(this.#membership);
  }

  /** Ends after the batch that is under way. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    this.#stopListening();
    await this.#running;
    await this.#membership?.close();
  }

  async #run(membership: LeaseMembership): Promise<void> {
    const { logger } = this.#options;
    let waitMs: number = retryMs.first;
    while (!this.#isStopped) {
      try {
        const batch = this.#relayBatch(membership);
        this.#batch = batch.catch(() => undefined);
        const relayed = await batch;
        waitMs = retryMs.first;
        if (relayed === 0) await this.#pause(this.#pollMs);
      } catch (error) {
        // Whoever has the lanes now sends what was not marked.
        if (error instanceof LeaseLost) {
          logger.info("the relay lost lanes to another");
          await this.#pause(this.#pollMs);
          continue;
        }
        logger.warn({ err: error }, "events could not be relayed and are sent again");
        await this.#pause(waitMs, false);
        waitMs = Math.min(2 * waitMs, retryMs.longest);
      }
    }
  }

  /** A lane is given to another once the batch that may hold its rows is marked: else the other would send them again. */
  async #holdUntil(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal, "abort");
    await this.#batch;
  }

  /** How many rows. @throws LeaseLost, DependencyUnavailable */
  async #relayBatch(membership: LeaseMembership): Promise<number> {
    const { outbox, log } = this.#options;
    const held = membership.held;
    if (held.length === 0) return 0;
    const rows = await outbox.unpublished(
      held.map(({ partition }) => partition),
      perLane,
    );
    if (rows.length === 0) return 0;
    const lanes = new Set(rows.map(({ lane }) => lane));
    const fences = held.filter(({ partition }) => lanes.has(partition));
    // The look may have taken longer than the lease.
    if (!fences.every((lease) => membership.isHeld(lease)))
      throw new LeaseLost("A lease ended before its rows were sent.");
    const messages = rows.flatMap((row) => this.#messagesOf(row));
    await log.append(messages, fences);
    await outbox.mark(rows, fences);
    return rows.length;
  }

  /** None for a row that can never be sent: it would hold up all that follow it. */
  #messagesOf(row: OutboxRow): readonly LogMessage[] {
    const { codec, logger } = this.#options;
    try {
      const messages = messagesOf(row, codec);
      if (messages.some(({ value }) => value !== null && value.length > RECORD_LIMIT_BYTES)) {
        throw new RangeError("the record is too large");
      }
      return messages;
    } catch (error) {
      if (error instanceof DependencyUnavailable) throw error;
      const { topic, aggregateId, version, type } = row;
      logger.error(
        { err: error, topic, aggregateId, version, type },
        "an event of the outbox is no value of its topic and is left out",
      );
      return [];
    }
  }

  async #pause(waitMs: number, canWake = true): Promise<void> {
    if (this.#isStopped) return;
    if (!(canWake && this.#isWoken)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        if (canWake || this.#isStopped) resolve();
      };
      await promise;
      clearTimeout(timer);
    }
    this.#isWoken = false;
  }
}
