import { RecencyMap } from "../../internal/recency-map.ts";

/** A map of at most `limit` entries: the least recently set or read leave first. */
export class BoundedMap<K, V> extends RecencyMap<K, V> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override set(key: K, value: V): void {
    super.set(key, value);
    if (this.size > this.#limit && this.oldest !== null) this.delete(this.oldest.key);
  }
}
