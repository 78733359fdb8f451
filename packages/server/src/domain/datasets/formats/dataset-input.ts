import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import type { EngineInput } from "@tda-platform/engine/types";
import { tableFromCsv } from "../../input/csv-input.ts";
import { tableFromNpy } from "../../input/npy-input.ts";
import { inputFromTable } from "../../input/rips-request.ts";
import type { RowTable } from "../../input/row-table.ts";
import { tableFromArrow } from "./arrow/arrow-table.ts";
import { tableFromLowerDistance } from "./lower-distance.ts";
import { tableFromParquet } from "./parquet/parquet-table.ts";

/** What a dataset's bytes are, and how many values they may be. */
export interface DatasetContent {
  readonly format: DatasetFormat;
  readonly kind: DatasetKind;
  readonly maxValues: number;
}

/** A dataset as the engine's input. Linear in the content. @throws ProblemError for what its inspection did not see. */
export async function inputFromDataset(dataset: DatasetContent, bytes: Buffer): Promise<EngineInput> {
  return inputFromTable(await readTable(dataset, bytes));
}

async function readTable({ format, kind, maxValues }: DatasetContent, bytes: Buffer): Promise<RowTable> {
  switch (format) {
    case "csv":
      return tableFromCsv(bytes, kind);
    case "npy":
      return tableFromNpy(bytes, kind);
    case "arrow":
      return tableFromArrow(bytes, kind);
    case "lower-distance":
      return tableFromLowerDistance(bytes);
    case "parquet":
      return await tableFromParquet(bytes, kind, maxValues);
  }
}
