import type { Type } from "avsc";

/** What of a compiled type its kind has. */
interface Parts {
  readonly fields: readonly { readonly type: Type }[];
  readonly types: readonly Type[];
  readonly itemsType: Type;
  readonly valuesType: Type;
  readonly underlyingType: Type;
  readonly size: number;
}

const FIXED_BYTES: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 };
const LONG_BYTES = 10;

/**
 * Place after a value that begins at `at`, found without building it: lengths and counts are held against the bytes that
 * are there, so that a reader afterwards allocates no more than a multiple of them.
 * @throws RangeError when the bytes end too early or say what cannot be.
 */
export function skipValue(type: Type, bytes: Uint8Array, at: number): number {
  const walk = new Walk(bytes, at);
  walk.skip(type);
  return walk.at;
}

/** A zigzag variable-length integer; beyond 2^53 it is rounded, and refused by whoever needs it exactly. */
export function readLong(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  const walk = new Walk(bytes, at);
  return { value: walk.long(), end: walk.at };
}

class Walk {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  skip(type: Type): void {
    const parts = type as unknown as Parts;
    const { typeName } = type;
    const fixed = FIXED_BYTES[typeName];
    if (fixed !== undefined) {
      this.#pass(fixed);
      return;
    }
    switch (typeName) {
      case "int":
      case "long":
      case "enum":
        this.long();
        return;
      case "bytes":
      case "string":
        this.#pass(this.long());
        return;
      case "fixed":
        this.#pass(parts.size);
        return;
      case "record":
      case "error":
        for (const field of parts.fields) this.skip(field.type);
        return;
      case "array":
        this.#skipBlocks(parts.itemsType, false);
        return;
      case "map":
        this.#skipBlocks(parts.valuesType, true);
        return;
      default:
        this.skip(typeName.startsWith("union:") ? this.#branch(parts.types) : parts.underlyingType);
    }
  }

  long(): number {
    let unsigned = 0;
    let scale = 1;
    for (let left = LONG_BYTES; left > 0; left--) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) break;
      this.at += 1;
      unsigned += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
    }
    throw new RangeError("a number does not end");
  }

  /** Blocks of items, each after its count; a negative count is followed by the block's size. The last is empty. */
  #skipBlocks(items: Type, hasKeys: boolean): void {
    const fixed = hasKeys ? undefined : FIXED_BYTES[items.typeName];
    for (;;) {
      const said = this.long();
      if (said === 0) return;
      if (said < 0) this.long();
      const count = Math.abs(said);
      // An item takes a byte at least: none of ours is empty.
      if (count > this.#bytes.length - this.at) throw new RangeError(`${count} items are said to follow`);
      if (fixed !== undefined) {
        this.#pass(count * fixed);
        continue;
      }
      for (let item = 0; item < count; item++) {
        if (hasKeys) this.#pass(this.long());
        this.skip(items);
      }
    }
  }

  #branch(types: readonly Type[]): Type {
    const index = this.long();
    const branch = types[index];
    if (branch === undefined) throw new RangeError(`a union has no branch ${index}`);
    return branch;
  }

  #pass(count: number): void {
    if (count < 0 || count > this.#bytes.length - this.at) throw new RangeError("the bytes end too early");
    this.at += count;
  }
}
