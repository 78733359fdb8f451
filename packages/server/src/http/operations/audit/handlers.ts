import type { AUDIT_OPERATIONS } from "@tda-platform/contract/operations/audit";
import type { HandlerOf } from "../context.ts";
import { exportAudit } from "./audit-export.ts";
import { listAudit } from "./audit-list.ts";

export const AUDIT_HANDLERS = {
  "audit.list": listAudit,
  "audit.export": exportAudit,
} as const satisfies Record<keyof typeof AUDIT_OPERATIONS, HandlerOf>;
