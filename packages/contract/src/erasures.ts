import type { Static } from "typebox";
import { idPattern } from "./identifiers.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "./pages.ts";

/** Steps of an erasure, in this order. */
export const ERASURE_STATES = ["marked", "closed", "drained", "rows_deleted", "blobs_deleted", "erased"] as const;
export type ErasureState = (typeof ERASURE_STATES)[number];

export const ERASURE_ID_SCHEMA = { type: "string", pattern: idPattern("era") } as const;

/** Body of `projects.erase`. */
export const ERASE_PROJECT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["confirm_name"],
  properties: { confirm_name: { type: "string", maxLength: 200, description: "The project's name, as it is listed." } },
} as const;
export type EraseProject = Static<typeof ERASE_PROJECT_SCHEMA>;

export const ERASURE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "id",
    "project_id",
    "state",
    "requested_by",
    "requested_at",
    "finished_at",
    "rows_deleted",
    "blobs_deleted",
    "error",
  ],
  properties: {
    id: ERASURE_ID_SCHEMA,
    project_id: { type: "string", pattern: idPattern("prj") },
    state: {
      type: "string",
      enum: ERASURE_STATES,
      description:
        "What is done: `marked`; `closed`, credentials are refused; `drained`, no job runs; `rows_deleted`; `blobs_deleted`; `erased`, nothing is left but this record.",
    },
    requested_by: { type: "string", description: "Identifier of the caller." },
    requested_at: { type: "string", format: "date-time" },
    finished_at: { type: ["string", "null"], format: "date-time" },
    rows_deleted: { type: "integer", minimum: 0 },
    blobs_deleted: { type: "integer", minimum: 0 },
    error: { type: ["string", "null"], description: "Why the last attempt to go on failed; it is tried again." },
  },
} as const;
export type Erasure = Static<typeof ERASURE_SCHEMA>;

export const ERASURE_PAGE_SCHEMA = pageSchema(ERASURE_SCHEMA);

export const ERASURE_LIST_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: PAGE_QUERY_PROPERTIES,
} as const;
export type ErasureListQuery = Static<typeof ERASURE_LIST_QUERY_SCHEMA>;
