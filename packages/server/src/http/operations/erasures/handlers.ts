import type { ERASURE_OPERATIONS } from "@tda-platform/contract/operations/erasures";
import type { HandlerOf } from "../context.ts";
import { listErasures } from "./erasures-list.ts";
import { readErasure } from "./erasures-read.ts";
import { eraseProject } from "./projects-erase.ts";

export const ERASURE_HANDLERS = {
  "projects.erase": eraseProject,
  "erasures.read": readErasure,
  "erasures.list": listErasures,
} as const satisfies Record<keyof typeof ERASURE_OPERATIONS, HandlerOf>;
