import type { DATASETS_OPERATIONS } from "@tda-platform/contract/operations/datasets";
import type { HandlerOf } from "../context.ts";
import { createDataset } from "./create.ts";
import { deleteDataset } from "./delete.ts";
import { listDatasets } from "./list.ts";
import { readDataset } from "./read.ts";
import { readDatasetContent } from "./read-content.ts";
import { appendUpload } from "./upload-append.ts";
import { createUpload } from "./upload-create.ts";
import { deleteUpload } from "./upload-delete.ts";
import { headUpload } from "./upload-head.ts";
import { readUpload } from "./upload-read.ts";

export const DATASETS_HANDLERS = {
  "dataset.create": createDataset,
  "dataset.list": listDatasets,
  "dataset.read": readDataset,
  "dataset.content": readDatasetContent,
  "dataset.delete": deleteDataset,
  "upload.create": createUpload,
  "upload.head": headUpload,
  "upload.read": readUpload,
  "upload.append": appendUpload,
  "upload.delete": deleteUpload,
} as const satisfies Record<keyof typeof DATASETS_OPERATIONS, HandlerOf>;
