interface Entry<Key, Value> {
  readonly key: Key;
  value: Value;
  /** Neighbours in the order of use; null at the ends. */
  older: Entry<Key, Value> | null;
  newer: Entry<Key, Value> | null;
}

/**
 * A map that knows the order in which its entries were last set or read. Each operation takes constant time. (Deleting and
 * inserting again in a plain Map, whose order is that of insertion, does not: what is deleted stays in the chain of its hash
 * until the table is made anew, and a key that is read often is then searched behind thousands of its own deleted entries.)
 */
export class RecencyMap<Key, Value> {
  readonly #entries = new Map<Key, Entry<Key, Value>>();
  #oldest: Entry<Key, Value> | null = null;
  #newest: Entry<Key, Value> | null = null;

  get size(): number {
    return this.#entries.size;
  }

  /** The entry that was used longest ago. */
  get oldest(): { readonly key: Key; readonly value: Value } | null {
    return this.#oldest;
  }

  keys(): IterableIterator<Key> {
    return this.#entries.keys();
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#use(entry);
    return entry.value;
  }

  set(key: Key, value: Value): void {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, value, older: null, newer: null };
      this.#entries.set(key, entry);
      this.#append(entry);
    } else {
      entry.value = value;
      this.#use(entry);
    }
  }

  /** What was under the key. */
  delete(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#unlink(entry);
    return entry.value;
  }

  /** Deletes every entry that the predicate says of. Takes time in the number of entries. */
  deleteWhere(predicate: (value: Value) => boolean): void {
    for (const { key, value } of [...this.#entries.values()]) if (predicate(value)) this.delete(key);
  }

  #use(entry: Entry<Key, Value>): void {
    if (entry === this.#newest) return;
    this.#unlink(entry);
    this.#append(entry);
  }

  #append(entry: Entry<Key, Value>): void {
    entry.older = this.#newest;
    entry.newer = null;
    if (this.#newest !== null) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  #unlink({ older, newer }: Entry<Key, Value>): void {
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
  }
}
