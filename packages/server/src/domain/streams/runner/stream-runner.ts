import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "@tda-platform/engine/types";
import { periodically } from "../../../internal/periodically.ts";
import type { LeaseMembership, PartitionLease, PartitionLeases } from "../../log/partition-leases.ts";
import { EngineCalls } from "../evaluation/engine-calls.ts";
import { Definitions } from "./definitions.ts";
import { flushMessage } from "./flush-events.ts";
import { PartitionWork, type WorkDependencies } from "./partition-work.ts";
import type { DueKey } from "./ports.ts";

export interface RunnerDependencies extends Omit<WorkDependencies, "definitions" | "calls"> {
  readonly engine: Pick<Engine, "vietorisRips" | "computeFeatures">;
  /** Calls of the engine at the same time. */
  readonly concurrency: number;
  readonly leases: PartitionLeases;
}

const GROUP = "stream";
const DUE_MS = 250;
const DUE_KEYS = 500;
const JOIN_AGAIN_MS = 1_000;

/** The embedded stream engine: this process's share of the partitions of `events`, and flushes of keys that nothing comes for. */
export class StreamRunner {
  readonly #dependencies: RunnerDependencies;
  readonly #definitions: Definitions;
  readonly #works = new Map<number, PartitionWork>();
  readonly #closing = new AbortController();
  /** Ends what the engine does; after the partitions have had their time. */
  readonly #calling = new AbortController();
  readonly #calls: EngineCalls;
  #membership: LeaseMembership | null = null;
  #loops: Promise<unknown>[] = [];
  #stopped: Promise<void> | null = null;

  constructor(dependencies: RunnerDependencies) {
    this.#dependencies = dependencies;
    const { log, codec, logger, engine, concurrency } = dependencies;
    this.#definitions = new Definitions(log, codec, logger);
    this.#calls = new EngineCalls(engine, concurrency, this.#calling.signal);
  }

  start(): void {
    const { logger, metrics } = this.#dependencies;
    const { signal } = this.#closing;
    const period = { firstMs: DUE_MS, everyMs: DUE_MS, complaint: "flushes of idle keys could not be written" };
    this.#loops = [
      this.#definitions.follow(signal),
      this.#join(),
      periodically(period, logger, signal, () => this.#writeFlushes()),
    ];
    metrics.watch(() => this.#lag());
  }

  /** Gives the partitions back, saved as far as what is under way ends soon. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#membership?.close();
    this.#closing.abort();
    this.#calling.abort(new Error("the stream engine stops"));
    await Promise.all(this.#loops);
    // One that came while it was being joined.
    await this.#membership?.close();
  }

  async #join(): Promise<void> {
    const { log, leases, logger } = this.#dependencies;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const partitions = await log.partitions("events");
        if (signal.aborted) return;
        this.#membership = leases.join({
          group: GROUP,
          topic: "events",
          partitions,
          work: (lease, ended) => this.#work(lease, ended),
        });
        return;
      } catch (error) {
        logger.warn({ err: error }, "the stream engine waits for the log");
        await sleep(JOIN_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #work(lease: PartitionLease, signal: AbortSignal): Promise<void> {
    const work = new PartitionWork(
      { ...this.#dependencies, definitions: this.#definitions, calls: this.#calls },
      lease,
    );
    this.#works.set(lease.partition, work);
    try {
      await work.run(signal);
    } finally {
      if (this.#works.get(lease.partition) === work) this.#works.delete(lease.partition);
    }
  }

  async #writeFlushes(): Promise<void> {
    if (this.#works.size === 0) return;
    const { states, codec, log } = this.#dependencies;
    const nowMs = Date.now();
    const due = await states.due([...this.#works.keys()], nowMs, DUE_KEYS);
    const taken = due.filter((key) => this.#works.get(key.partition)?.takeDue(key) === true);
    if (taken.length === 0) return;
    try {
      await log.append(taken.map((key) => flushMessage(codec, key, nowMs)));
    } catch (error) {
      for (const key of taken) this.#giveBack(key);
      throw error;
    }
  }

  #giveBack(key: DueKey): void {
    this.#works.get(key.partition)?.giveBackDue(key);
  }

  /** Records that wait, by partition. */
  async #lag(): Promise<ReadonlyMap<number, number>> {
    const { log } = this.#dependencies;
    const lags = await Promise.all(
      [...this.#works].map(async ([partition, work]) => {
        const { next } = await log.bounds("events", partition);
        return [partition, Math.max(0, next - work.position)] as const;
      }),
    );
    return new Map(lags);
  }
}
