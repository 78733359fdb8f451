import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import { ProblemError } from "../../problem.ts";
import { ArrowInspector, inspectArrowFile } from "./arrow/arrow-table.ts";
import { CsvInspector } from "./csv-inspector.ts";
import type { Inspector, ReadRange, TableShape } from "./inspector.ts";
import { LowerDistanceInspector } from "./lower-distance.ts";
import { NpyInspector } from "./npy-inspector.ts";
import { inspectParquet } from "./parquet/parquet-table.ts";

/** Media types that say the format. `text/plain`, `application/octet-stream` and others say nothing. */
const BY_MEDIA_TYPE: ReadonlyMap<string, DatasetFormat> = new Map([
  [MEDIA_TYPES.csv, "csv"],
  [MEDIA_TYPES.npy, "npy"],
  [MEDIA_TYPES.arrow, "arrow"],
  [MEDIA_TYPES.arrowFile, "arrow"],
  [MEDIA_TYPES.parquet, "parquet"],
  [MEDIA_TYPES.lowerDistance, "lower-distance"],
]);

/** By the end of the name, longer ends first: Ripser's examples are called `*.lower_distance_matrix`. */
const BY_NAME: readonly (readonly [string, DatasetFormat])[] = [
  [".csv", "csv"],
  [".npy", "npy"],
  [".parquet", "parquet"],
  [".arrow", "arrow"],
  [".arrows", "arrow"],
  [".feather", "arrow"],
  [".lower_distance_matrix", "lower-distance"],
  [".ldm", "lower-distance"],
];

const BY_FIRST_BYTES: readonly (readonly [Buffer, DatasetFormat])[] = [
  [Buffer.from("\x93NUMPY", "latin1"), "npy"],
  [Buffer.from("PAR1"), "parquet"],
  [Buffer.from("ARROW1"), "arrow"],
  [Buffer.of(0xff, 0xff, 0xff, 0xff), "arrow"],
];
export const LONGEST_MAGIC_BYTES = 6;

export function formatOfMediaType(mediaType: string): DatasetFormat | null {
  return BY_MEDIA_TYPE.get(mediaType) ?? null;
}

export function formatOfName(name: string): DatasetFormat | null {
  const lower = name.toLowerCase();
  return BY_NAME.find(([end]) => lower.endsWith(end))?.[1] ?? null;
}

export function formatOfFirstBytes(bytes: Uint8Array): DatasetFormat | null {
  const starts = (magic: Buffer) => magic.equals(bytes.subarray(0, magic.length));
  return BY_FIRST_BYTES.find(([magic]) => starts(magic))?.[1] ?? null;
}

/** An inspector for content that comes from its beginning to its end. */
export function createInspector(format: DatasetFormat, kind: DatasetKind): Inspector {
  switch (format) {
    case "csv":
      return new CsvInspector(kind);
    case "npy":
      return new NpyInspector(kind);
    case "arrow":
      return new ArrowInspector(kind);
    case "lower-distance":
      return new LowerDistanceInspector();
    case "parquet":
      return new LaterInspector();
  }
}

/** Of a format whose metadata is at the end. */
class LaterInspector implements Inspector {
  push(): void {}

  finish(): null {
    return null;
  }
}

/** Inspects a stored content of a format that is read at its end. @throws ProblemError */
export async function inspectStored(
  format: DatasetFormat,
  kind: DatasetKind,
  bytes: number,
  read: ReadRange,
): Promise<TableShape> {
  if (format === "parquet") return await inspectParquet(kind, bytes, read);
  if (format === "arrow") return await inspectArrowFile(kind, bytes, read);
  throw new ProblemError("internal_error", `The format ${format} is inspected as it arrives.`);
}
