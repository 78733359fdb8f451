import { RecencyMap } from "../../internal/recency-map.ts";

interface Bucket {
  /** Points that may come; below zero after a request that had more than were left. */
  left: number;
  at: number;
}

const PROJECTS = 10_000;

/**
 * Points a second of each project, of this process, with bursts of a second. A request is let through when any are left, however
 * many it has, and those after it wait until they are earned.
 */
export class PointRate {
  readonly #perSecond: number;
  readonly #buckets = new RecencyMap<string, Bucket>();

  /** @param perSecond 0: no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Seconds to wait; 0: they may come, and are counted. `now` in milliseconds of a clock that only goes forward. */
  take(projectId: string, points: number, now: number): number {
    if (this.#perSecond === 0) return 0;
    const bucket = this.#buckets.get(projectId) ?? { left: this.#perSecond, at: now };
    bucket.left = Math.min(this.#perSecond, bucket.left + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    this.#buckets.set(projectId, bucket);
    const oldest = this.#buckets.size > PROJECTS ? this.#buckets.oldest : null;
    if (oldest !== null) this.#buckets.delete(oldest.key);
    if (bucket.left <= 0) return (1 - bucket.left) / this.#perSecond;
    bucket.left -= points;
    return 0;
  }
}
