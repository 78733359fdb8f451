import { createHash, type Hash } from "node:crypto";
import { endianness } from "node:os";
import type { EngineInput, FloatArray, SparseDistancesInput } from "@tda-platform/engine/types";

/**
 * SHA-256 of an input in canonical form, as hex: a header line (kind, element type, shape), then the values as
 * little-endian bytes. Inputs are already normalised (no -0, distances as lower triangle with diagonal), so that equal
 * inputs have equal hashes in whatever layout or format they came. The metric is a parameter, not part of the input.
 */
export function canonicalInputSha256(input: EngineInput): string {
  const hash = createHash("sha256");
  const element = input.values instanceof Float32Array ? "float32" : "float64";
  if (input.kind === "sparse-distances") {
    hashSparse(hash, input, element);
  } else {
    const shape = input.kind === "points" ? `${input.rows}x${input.columns}` : `${input.rows}`;
    hash.update(`tda-input/1 ${input.kind} ${element} ${shape}\n`);
    hash.update(littleEndianBytes(input.values));
  }
  return hash.digest("hex");
}

/**
 * Entries as (larger index, smaller index) in order, each once. Entries that say nothing (no edge, a birth at 0) stay:
 * without them an input whose entries conflict could have the hash of a valid one.
 */
function hashSparse(hash: Hash, input: SparseDistancesInput, element: string): void {
  const { rows, rowIndices, columnIndices, values } = input;
  const major = (k: number) => Math.max(rowIndices[k]!, columnIndices[k]!);
  const minor = (k: number) => Math.min(rowIndices[k]!, columnIndices[k]!);
  const entries = Uint32Array.from({ length: values.length }, (_, k) => k)
    .sort((a, b) => major(a) - major(b) || minor(a) - minor(b) || values[a]! - values[b]!)
    .filter((k, at, all) => at === 0 || !isSameEntry(input, k, all[at - 1]!));
  hash.update(`tda-input/1 ${input.kind} ${element} ${rows} ${entries.length}\n`);
  hash.update(littleEndianBytes(Float64Array.from(entries, major)));
  hash.update(littleEndianBytes(Float64Array.from(entries, minor)));
  hash.update(littleEndianBytes(Float64Array.from(entries, (k) => values[k]!)));
}

function isSameEntry({ rowIndices, columnIndices, values }: SparseDistancesInput, a: number, b: number): boolean {
  const isSamePair =
    Math.max(rowIndices[a]!, columnIndices[a]!) === Math.max(rowIndices[b]!, columnIndices[b]!) &&
    Math.min(rowIndices[a]!, columnIndices[a]!) === Math.min(rowIndices[b]!, columnIndices[b]!);
  return isSamePair && values[a] === values[b];
}

const isLittleEndian = endianness() === "LE";

function littleEndianBytes(values: FloatArray): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  if (isLittleEndian) return bytes;
  const copy = Buffer.from(bytes);
  return values.BYTES_PER_ELEMENT === 4 ? copy.swap32() : copy.swap64();
}
