import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../internal/logger.ts";
import type { JoinOptions, LeaseMembership, LeaseStore, PartitionLease, PartitionLeases } from "./partition-leases.ts";

export interface LeaseTimes {
  /** A member that has not been heard of for so long loses what it has. */
  readonly ttlMs: number;
  readonly beatMs: number;
}

export const STANDARD_LEASE_TIMES: LeaseTimes = { ttlMs: 10_000, beatMs: 2_500 };
/** By so much of its time a lease ends earlier here than in the store, whose clock runs on its own. */
const marginShare = 0.1;
const workAgainMs = 500;

/** Leases of this process. */
export class SharedLeases implements PartitionLeases {
  readonly #store: LeaseStore;
  readonly #logger: Logger;
  readonly #times: LeaseTimes;

  constructor(store: LeaseStore, logger: Logger, times: LeaseTimes = STANDARD_LEASE_TIMES) {
    this.#store = store;
    this.#logger = logger;
    this.#times = times;
  }

  join(options: JoinOptions): LeaseMembership {
    return new Membership(this.#store, this.#logger, this.#times, options);
  }
}

interface Holding {
  readonly lease: PartitionLease;
  readonly stop: AbortController;
  readonly work: Promise<void>;
}

class Membership implements LeaseMembership {
  readonly #store: LeaseStore;
  readonly #logger: Logger;
  readonly #times: LeaseTimes;
  readonly #options: JoinOptions;
  readonly #member = randomUUID();
  readonly #closing = new AbortController();
  readonly #holdings = new Map<number, Holding>();
  /** Work whose lease is over and that has not ended yet: nothing else begins on its partition here. */
  readonly #ending = new Map<number, Promise<void>>();
  readonly #beating: Promise<void>;
  readonly #stopListening: () => void;
  #validUntil = Number.NEGATIVE_INFINITY;
  #expiry: NodeJS.Timeout | null = null;
  #wake: () => void = () => undefined;
  #isWoken = false;
  #closed: Promise<void> | null = null;

  constructor(store: LeaseStore, logger: Logger, times: LeaseTimes, options: JoinOptions) {
    this.#store = store;
    this.#logger = logger;
    this.#times = times;
    this.#options = options;
    this.#stopListening = store.onChange(() => {
      this.#isWoken = true;
      this.#wake();
    });
    this.#beating = this.#beat();
  }

  get held(): readonly PartitionLease[] {
    if (performance.now() >= this.#validUntil) return [];
    return [...this.#holdings.values()].filter(({ stop }) => !stop.signal.aborted).map(({ lease }) => lease);
  }

  isHeld({ partition, epoch }: PartitionLease): boolean {
    const holding = this.#holdings.get(partition);
    return holding?.lease.epoch === epoch && !holding.stop.signal.aborted && performance.now() < this.#validUntil;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#stopListening();
    this.#wake();
    await this.#beating;
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    const { group, topic } = this.#options;
    try {
      await this.#giveBack([...this.#holdings.values()]);
      await this.#store.leave(group, topic, this.#member);
    } catch (error) {
      // They end by themselves.
      this.#logger.debug({ err: error, group }, "leases were not given back");
    }
  }

  async #beat(): Promise<void> {
    const { group, topic, partitions } = this.#options;
    const { ttlMs, beatMs } = this.#times;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const begin = performance.now();
      try {
        const { held, share } = await this.#store.beat({ group, topic, partitions, member: this.#member, ttlMs });
        this.#extend(begin + ttlMs * (1 - marginShare));
        this.#hold(held);
        const tooMany = [...this.#holdings.values()].slice(share);
        if (tooMany.length > 0) await this.#giveBack(tooMany);
      } catch (error) {
        this.#logger.debug({ err: error, group }, "a heartbeat of leases failed");
      }
      await this.#pause(beatMs, signal);
    }
  }

  /** Until the next beat, or until somebody comes or goes. */
  async #pause(beatMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isWoken && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, beatMs);
      await promise;
      clearTimeout(timer);
    }
    this.#isWoken = false;
  }

  #extend(validUntil: number): void {
    this.#validUntil = validUntil;
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    const expire = () => {
      this.#lose([...this.#holdings.values()]);
      this.#options.onChange?.();
    };
    this.#expiry = setTimeout(expire, Math.max(0, validUntil - performance.now()));
    this.#expiry.unref();
  }

  /** Begins work on what is new, and ends it on what another has taken meanwhile. */
  #hold(held: readonly PartitionLease[]): void {
    const epochs = new Map(held.map((lease) => [lease.partition, lease.epoch]));
    const lost = [...this.#holdings.values()].filter(
      ({ lease, stop }) => stop.signal.aborted || epochs.get(lease.partition) !== lease.epoch,
    );
    this.#lose(lost);
    let isChanged = lost.length > 0;
    for (const lease of held) {
      if (this.#holdings.has(lease.partition)) continue;
      const stop = new AbortController();
      const ended = this.#ending.get(lease.partition);
      const work =
        ended === undefined ? this.#work(lease, stop.signal) : ended.then(() => this.#work(lease, stop.signal));
      this.#holdings.set(lease.partition, { lease, stop, work });
      isChanged = true;
    }
    if (isChanged) this.#options.onChange?.();
  }

  #lose(lost: readonly Holding[]): void {
    for (const { lease, stop, work } of lost) {
      stop.abort();
      const { partition } = lease;
      this.#holdings.delete(partition);
      const ended = work.finally(() => {
        if (this.#ending.get(partition) === ended) this.#ending.delete(partition);
      });
      this.#ending.set(partition, ended);
    }
  }

  /** Only after its work has ended does anyone else get a partition; one that does not end keeps it for now. */
  async #giveBack(holdings: readonly Holding[]): Promise<void> {
    this.#lose(holdings);
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(resolve, this.#times.beatMs, "late");
    const ended = await Promise.race([Promise.all(holdings.map(({ work }) => work)), late]);
    clearTimeout(timer);
    if (ended === "late") return;
    await this.#store.release(
      this.#member,
      holdings.map(({ lease }) => lease),
    );
    this.#options.onChange?.();
  }

  async #work(lease: PartitionLease, signal: AbortSignal): Promise<void> {
    const { work } = this.#options;
    if (work === undefined) return;
    while (!signal.aborted) {
      try {
        await work(lease, signal);
      } catch (error) {
        if (signal.aborted) return;
        const { group, topic, partition } = lease;
        this.#logger.warn({ err: error, group, topic, partition }, "the work on a partition failed and begins again");
      }
      await sleep(workAgainMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
