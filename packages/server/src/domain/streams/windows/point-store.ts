const FIRST_CAPACITY = 16;

/**
 * The points that a key holds, by (t, order of arrival): event times and coordinates in flat arrays. A point at the end costs amortised constant
 * time; one that comes out of order moves those after it. Points leave at the front.
 */
export class PointStore {
  readonly dimension: number;
  #times: Float64Array;
  #values: Float64Array;
  #from = 0;
  #to = 0;

  constructor(dimension: number, capacity = FIRST_CAPACITY) {
    this.dimension = dimension;
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity * dimension);
  }

  /** Of as many times as there are points, ascending, and their coordinates. The arrays become the store's. */
  static of(dimension: number, times: Float64Array, values: Float64Array): PointStore {
    const store = new PointStore(dimension, 0);
    store.#times = times;
    store.#values = values;
    store.#to = times.length;
    return store;
  }

  get size(): number {
    return this.#to - this.#from;
  }

  /** Present times and coordinates; valid until the next change. */
  get times(): Float64Array {
    return this.#times.subarray(this.#from, this.#to);
  }

  get values(): Float64Array {
    return this.#values.subarray(this.#from * this.dimension, this.#to * this.dimension);
  }

  /** After all points of the same time: they came before. */
  insert(t: number, v: readonly number[]): void {
    if (this.#to === this.#times.length) this.#makeRoom();
    const { dimension } = this;
    let place = this.#to;
    if (place > this.#from && (this.#times[place - 1] as number) > t) {
      place = this.#firstAbove(t);
      this.#times.copyWithin(place + 1, place, this.#to);
      this.#values.copyWithin((place + 1) * dimension, place * dimension, this.#to * dimension);
    }
    this.#times[place] = t;
    for (let i = 0; i < dimension; i++) this.#values[place * dimension + i] = v[i] as number;
    this.#to += 1;
  }

  /** Coordinates of the points with start ≤ t < end, row by row: a copy. */
  between(start: number, end: number): Float64Array {
    const from = this.#firstFrom(start);
    const to = this.#firstFrom(end);
    return this.#values.slice(from * this.dimension, to * this.dimension);
  }

  all(): Float64Array {
    return this.#values.slice(this.#from * this.dimension, this.#to * this.dimension);
  }

  dropBefore(t: number): void {
    while (this.#from < this.#to && (this.#times[this.#from] as number) < t) this.#from += 1;
    if (this.#from === this.#to) this.clear();
  }

  clear(): void {
    this.#from = 0;
    this.#to = 0;
  }

  /** Moves the points to the front where half the room is behind them, and otherwise takes twice the room. */
  #makeRoom(): void {
    const { dimension } = this;
    const half = this.#times.length / 2;
    const times =
      this.#from >= half && half > 0 ? this.#times : new Float64Array(Math.max(FIRST_CAPACITY, 2 * this.size));
    const values = times === this.#times ? this.#values : new Float64Array(times.length * dimension);
    const [oldTimes, oldValues] = [this.times, this.values];
    times.set(oldTimes);
    values.set(oldValues);
    this.#to = this.size;
    this.#from = 0;
    this.#times = times;
    this.#values = values;
  }

  /** Place of the first point at or after a time. */
  #firstFrom(t: number): number {
    let [low, high] = [this.#from, this.#to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #firstAbove(t: number): number {
    let [low, high] = [this.#from, this.#to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
