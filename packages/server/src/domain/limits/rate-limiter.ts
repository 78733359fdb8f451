import { RecencyMap } from "../../internal/recency-map.ts";

export interface RateLimit {
  /** 0: none. */
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
}

/** Counts that all instances share, with the clock of whoever keeps them. */
export interface SharedRates {
  /** Whether they can be asked at present. */
  readonly isUp: boolean;
  /** Takes `count` if there is room for them, or in any case when they were let through already. */
  take(key: string, count: number, rate: SharedRate, isForced: boolean): Promise<SharedTake>;
}

export interface SharedRate {
  readonly intervalMs: number;
  readonly toleranceMs: number;
}

export interface SharedTake {
  readonly isAllowed: boolean;
  /** Time until everything that was taken is earned again. */
  readonly debtMs: number;
}

export interface RateDecision {
  readonly isAllowed: boolean;
  /** Requests that could come now. */
  readonly remaining: number;
  /** Until the full burst is there again. */
  readonly resetMs: number;
  /** Until the next one is let through; 0: at once. */
  readonly retryAfterMs: number;
}

interface Bucket {
  /** Theoretical arrival time (ms of `now`): what was taken is earned again by then. */
  tat: number;
  /** Let through here and not yet told to the shared counts. */
  pending: number;
}

const KEYS = 100_000;
/** How often what was let through here is told to the shared counts. */
const SYNC_MS = 50;
/** Bursts up to this are always asked for one by one: a share of them is too small to guess with. */
const EXACT_BURST = 100;

/**
 * The generic cell rate algorithm (ITU-T I.371; a token bucket that keeps one number): a request moves the arrival time on by
 * one interval, and is refused when that would be further ahead than the burst allows. Alone it takes a fraction of a
 * microsecond and no promise. With shared counts it decides by itself as long as much is left, telling them twenty times a
 * second, and asks them for each request when the burst is small or nearly used up. Without them, each instance has its
 * share of the limit.
 */
export class RateLimiter {
  readonly limit: RateLimit;
  readonly #intervalMs: number;
  readonly #shared: SharedRates | null;
  readonly #instances: () => number;
  readonly #buckets = new RecencyMap<string, Bucket>();
  readonly #unsynced = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(limit: RateLimit, shared: SharedRates | null, instances: () => number) {
    this.limit = limit;
    this.#intervalMs = 1000 / limit.perSecond;
    this.#shared = shared;
    this.#instances = instances;
  }

  /** `now` in milliseconds, of a clock that only goes forward. */
  take(key: string, now: number): RateDecision | Promise<RateDecision> {
    const bucket = this.#bucket(key);
    if (this.#shared?.isUp !== true) return this.#takeLocally(bucket, now, this.#instances());
    const { burst } = this.limit;
    const left = this.#left(bucket, now, 1);
    // A refusal holds until its time, whoever else takes what.
    if (left < 1) return this.#takeLocally(bucket, now, 1);
    if (burst <= EXACT_BURST || left < burst / 4) return this.#takeShared(key, bucket, now, this.#shared);
    bucket.pending++;
    this.#unsynced.add(key);
    this.#timer ??= setTimeout(() => void this.#sync(), SYNC_MS).unref();
    return this.#takeLocally(bucket, now, 1);
  }

  /** What is left for a key now, without taking any. */
  peek(key: string, now: number): number {
    const share = this.#shared?.isUp === true ? 1 : this.#instances();
    return Math.max(0, Math.floor(this.#left(this.#bucket(key), now, share)));
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tat: 0, pending: 0 };
      this.#buckets.set(key, bucket);
      if (this.#buckets.size > KEYS) this.#buckets.delete(this.#buckets.oldest!.key);
    }
    return bucket;
  }

  /** Of a share of the limit: longer intervals, a smaller burst, but one request at least. */
  #tolerance(share: number): number {
    return this.#intervalMs * Math.max(this.limit.burst, share);
  }

  #left(bucket: Bucket, now: number, share: number): number {
    return (this.#tolerance(share) - Math.max(0, bucket.tat - now)) / (this.#intervalMs * share) + EPSILON;
  }

  #takeLocally(bucket: Bucket, now: number, share: number): RateDecision {
    const interval = this.#intervalMs * share;
    const tolerance = this.#tolerance(share);
    const next = Math.max(bucket.tat, now) + interval;
    const isAllowed = next - now <= tolerance + EPSILON;
    if (isAllowed) bucket.tat = next;
    return decision(isAllowed, Math.max(0, bucket.tat - now), interval, tolerance);
  }

  async #takeShared(key: string, bucket: Bucket, now: number, shared: SharedRates): Promise<RateDecision> {
    const rate = { intervalMs: this.#intervalMs, toleranceMs: this.#tolerance(1) };
    try {
      const { isAllowed, debtMs } = await shared.take(key, 1, rate, false);
      bucket.tat = Math.max(bucket.tat, now + debtMs);
      return decision(isAllowed, debtMs, rate.intervalMs, rate.toleranceMs);
    } catch {
      return this.#takeLocally(bucket, now, this.#instances());
    }
  }

  async #sync(): Promise<void> {
    this.#timer = null;
    const keys = [...this.#unsynced];
    this.#unsynced.clear();
    const rate = { intervalMs: this.#intervalMs, toleranceMs: this.#tolerance(1) };
    await Promise.all(
      keys.map(async (key) => {
        const bucket = this.#bucket(key);
        const count = bucket.pending;
        bucket.pending = 0;
        const taken = await this.#shared?.take(key, count, rate, true).catch(() => null);
        if (taken != null) bucket.tat = Math.max(bucket.tat, performance.now() + taken.debtMs);
      }),
    );
  }
}

/** Sums of intervals are off by rounding: a millionth of a millisecond is no difference. */
const EPSILON = 1e-6;

function decision(isAllowed: boolean, debtMs: number, intervalMs: number, toleranceMs: number): RateDecision {
  const remaining = Math.max(0, Math.floor((toleranceMs - debtMs) / intervalMs + EPSILON));
  const retryAfterMs = isAllowed ? 0 : Math.max(0, debtMs + intervalMs - toleranceMs);
  return { isAllowed, remaining, resetMs: debtMs, retryAfterMs };
}
