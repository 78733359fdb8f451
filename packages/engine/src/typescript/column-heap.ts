/** A column of the coboundary matrix under reduction: simplices with coefficients in Z/p, the earliest first. */
export class ColumnHeap {
  readonly #field: number;
  readonly #indices: number[] = [];
  readonly #values: number[] = [];
  readonly #coefficients: number[] = [];
  /** The pivot that `findPivot` found. */
  pivotIndex = 0;
  pivotValue = 0;
  pivotCoefficient = 0;

  constructor(field: number) {
    this.#field = field;
  }

  get size(): number {
    return this.#indices.length;
  }

  clear(): void {
    this.#indices.length = 0;
    this.#values.length = 0;
    this.#coefficients.length = 0;
  }

  /** Adds a term; the coefficient is in 1 … p-1. */
  push(index: number, value: number, coefficient: number): void {
    let slot = this.#indices.length;
    this.#indices.push(index);
    this.#values.push(value);
    this.#coefficients.push(coefficient);
    while (slot > 0) {
      const parent = (slot - 1) >>> 1;
      if (!this.#isBefore(index, value, parent)) break;
      this.#move(parent, slot);
      slot = parent;
    }
    this.#put(slot, index, value, coefficient);
  }

  /** Cancels equal terms at the top; true and `pivot…` set where a term is left, which stays in the column. */
  findPivot(): boolean {
    while (this.#indices.length > 0) {
      const index = this.#indices[0] as number;
      const value = this.#values[0] as number;
      let coefficient = 0;
      while (this.#indices.length > 0 && this.#indices[0] === index) {
        coefficient = (coefficient + (this.#coefficients[0] as number)) % this.#field;
        this.#removeFirst();
      }
      if (coefficient !== 0) {
        this.push(index, value, coefficient);
        this.pivotIndex = index;
        this.pivotValue = value;
        this.pivotCoefficient = coefficient;
        return true;
      }
    }
    return false;
  }

  /** The filtration order of a dimension: by value, and of equal values the larger index first. */
  #isBefore(index: number, value: number, slot: number): boolean {
    const other = this.#values[slot] as number;
    return value < other || (value === other && index > (this.#indices[slot] as number));
  }

  #removeFirst(): void {
    const index = this.#indices.pop() as number;
    const value = this.#values.pop() as number;
    const coefficient = this.#coefficients.pop() as number;
    const size = this.#indices.length;
    if (size === 0) return;
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= size) break;
      if (
        child + 1 < size &&
        this.#isBefore(this.#indices[child + 1] as number, this.#values[child + 1] as number, child)
      ) {
        ++child;
      }
      if (this.#isBefore(index, value, child)) break;
      this.#move(child, slot);
      slot = child;
    }
    this.#put(slot, index, value, coefficient);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#indices[from] as number, this.#values[from] as number, this.#coefficients[from] as number);
  }

  #put(slot: number, index: number, value: number, coefficient: number): void {
    this.#indices[slot] = index;
    this.#values[slot] = value;
    this.#coefficients[slot] = coefficient;
  }
}
