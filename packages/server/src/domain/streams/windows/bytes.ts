/** Numbers, texts and lists one after the other, little-endian, lengths before their contents. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  /** All 64 bits of it. */
  number(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(value: Uint8Array): void {
    this.#length(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  text(value: string): void {
    this.bytes(Buffer.from(value));
  }

  numbers(values: ArrayLike<number>): void {
    this.#length(values.length);
    this.#room(8 * values.length);
    for (let i = 0; i < values.length; i++) this.#view.setFloat64(this.#at + 8 * i, values[i] as number, true);
    this.#at += 8 * values.length;
  }

  list<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.#length(items.length);
    for (const item of items) write(item);
  }

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #length(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + more));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what `ByteWriter` wrote. @throws RangeError where the bytes end too early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    const value = this.#view.getUint8(this.#at);
    this.#at += 1;
    return value;
  }

  number(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#take(this.#length()));
  }

  text(): string {
    return Buffer.from(this.bytes()).toString();
  }

  numbers(): Float64Array {
    const length = this.#length();
    const { buffer } = new Uint8Array(this.#take(8 * length));
    // Saved states do not leave machines of this byte order: all that Node runs on are little-endian.
    return new Float64Array(buffer, 0, length);
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.#length() }, read);
  }

  /** @throws RangeError unless all has been read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError("There is more than was read.");
  }

  #length(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    // Every item has a byte at least.
    if (value > this.#bytes.length - this.#at) throw new RangeError("A length is longer than what there is.");
    return value;
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError("The bytes end too early.");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
