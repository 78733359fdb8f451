import type { DistancesInput, EngineInput, FloatArray, Metric } from "@tda-platform/engine/types";

/** What an encoded input begins with; the arrays follow it, each at a multiple of 8 bytes. */
interface Header {
  readonly kind: EngineInput["kind"];
  readonly element: "float32" | "float64";
  readonly rows: number;
  readonly values: number;
  readonly columns?: number;
  readonly metric?: Metric;
  readonly minkowskiP?: number | null;
  readonly layout?: DistancesInput["layout"];
}

const alignment = 8;
const lengthBytes = 4;

/**
 * An input as bytes, for a worker anywhere: the length of a header (uint32), the header (JSON), and the arrays as they are in
 * memory, little-endian. O(bytes), one copy.
 */
export function encodeInput(input: EngineInput): Uint8Array {
  const { kind, rows, values } = input;
  const header: Header = {
    kind,
    element: values instanceof Float32Array ? "float32" : "float64",
    rows,
    values: values.length,
    ...(input.kind === "points"
      ? { columns: input.columns, metric: input.metric, minkowskiP: input.minkowskiP }
      : input.kind === "distances"
        ? { layout: input.layout }
        : {}),
  };
  const text = Buffer.from(JSON.stringify(header));
  const arrays = input.kind === "sparse-distances" ? [values, input.rowIndices, input.columnIndices] : [values];
  const start = aligned(lengthBytes + text.length);
  const bytes = Buffer.alloc(arrays.reduce((end, array) => aligned(end + array.byteLength), start));
  bytes.writeUInt32LE(text.length, 0);
  bytes.set(text, lengthBytes);
  let offset = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset = aligned(offset + array.byteLength);
  }
  return bytes;
}

/** The input of `encodeInput`'s bytes. The arrays are copies. @throws RangeError when they are none. */
export function decodeInput(bytes: Uint8Array): EngineInput {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = lengthBytes + text.readUInt32LE(0);
  const header = JSON.parse(text.toString("utf8", lengthBytes, headerEnd)) as Header;
  let offset = aligned(headerEnd);
  const take = (count: number, width: number): ArrayBuffer => {
    const end = offset + count * width;
    if (end > bytes.byteLength) throw new RangeError("an encoded input ends too early");
    // A fresh buffer: views of it are aligned whatever the bytes came in.
    const copy = new Uint8Array(bytes.subarray(offset, end)).buffer;
    offset = aligned(end);
    return copy;
  };
  const { rows } = header;
  const values: FloatArray =
    header.element === "float32" ? new Float32Array(take(header.values, 4)) : new Float64Array(take(header.values, 8));
  switch (header.kind) {
    case "points":
      return {
        kind: "points",
        values,
        rows,
        columns: header.columns!,
        metric: header.metric!,
        minkowskiP: header.minkowskiP ?? null,
      };
    case "distances":
      return { kind: "distances", layout: header.layout!, values, rows };
    case "sparse-distances": {
      const rowIndices = new Uint32Array(take(header.values, 4));
      return {
        kind: "sparse-distances",
        rows,
        values,
        rowIndices,
        columnIndices: new Uint32Array(take(header.values, 4)),
      };
    }
  }
}

function aligned(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
