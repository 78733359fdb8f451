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

/**
 * Place after a value that begins at `at`, found without building it: lengths and counts are held against the bytes that
 * are there, so that a reader afterwards allocates no more than a multiple of them.
 * @throws RangeError when the bytes end too early or say what cannot be.
 */
export function skipValue(type: Type, bytes: Buffer, at: number): number {
  const parts = type as unknown as Parts;
  const { typeName } = type;
  const fixed = FIXED_BYTES[typeName];
  if (fixed !== undefined) return skipBytes(bytes, at, fixed);
  switch (typeName) {
    case "int":
    case "long":
    case "enum":
      return readLong(bytes, at).end;
    case "bytes":
    case "string": {
      const { value, end } = readLong(bytes, at);
      return skipBytes(bytes, end, value);
    }
    case "fixed":
      return skipBytes(bytes, at, parts.size);
    case "record":
    case "error":
      return parts.fields.reduce((end, field) => skipValue(field.type, bytes, end), at);
    case "array":
      return skipBlocks(bytes, at, (end) => skipValue(parts.itemsType, bytes, end));
    case "map":
      return skipBlocks(bytes, at, (end) => {
        const key = readLong(bytes, end);
        return skipValue(parts.valuesType, bytes, skipBytes(bytes, key.end, key.value));
      });
    default: {
      if (!typeName.startsWith("union:")) return skipValue(parts.underlyingType, bytes, at);
      const { value, end } = readLong(bytes, at);
      const branch = parts.types[value];
      if (branch === undefined) throw new RangeError(`a union has no branch ${value}`);
      return skipValue(branch, bytes, end);
    }
  }
}

/** Blocks of items, each after its count; a negative count is followed by the block's size. The last is empty. */
function skipBlocks(bytes: Buffer, at: number, skipItem: (at: number) => number): number {
  for (let end = at; ; ) {
    const count = readLong(bytes, end);
    end = count.end;
    if (count.value === 0) return end;
    if (count.value < 0) end = readLong(bytes, end).end;
    const items = Math.abs(count.value);
    // An item takes a byte at least: none of ours is empty.
    if (items > bytes.length - end) throw new RangeError(`${items} items are said to follow`);
    for (let item = 0; item < items; item++) end = skipItem(end);
  }
}

function skipBytes(bytes: Buffer, at: number, count: number): number {
  if (count < 0 || count > bytes.length - at) throw new RangeError("the bytes end too early");
  return at + count;
}

const LONG_BYTES = 10;

/** A zigzag variable-length integer; beyond 2^53 it is rounded, and refused by whoever needs it exactly. */
export function readLong(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let unsigned = 0;
  let scale = 1;
  for (let end = at; end < at + LONG_BYTES; end++) {
    const byte = bytes[end];
    if (byte === undefined) break;
    unsigned += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return { value: unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2, end: end + 1 };
  }
  throw new RangeError("a number does not end");
}
