import type { Static } from "typebox";
import { TIME_PATTERN } from "./jobs.ts";
import { PAGE_QUERY_PROPERTIES } from "./pages.ts";

export const AUDIT_OUTCOMES = ["succeeded", "refused", "failed"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export const AUDIT_FILTER_PROPERTIES = {
  operation: { type: "string", maxLength: 64, description: "Only this operation." },
  actor_id: { type: "string", maxLength: 300, description: "Only what this key, user or client did." },
  target: { type: "string", maxLength: 300, description: "Only what was done to this." },
  request_id: { type: "string", maxLength: 64, description: "Only this request." },
  outcome: { type: "string", enum: AUDIT_OUTCOMES, description: "Only what ended so." },
  from: { type: "string", pattern: TIME_PATTERN, description: "Only from this time on." },
  to: { type: "string", pattern: TIME_PATTERN, description: "Only before this time." },
} as const;

/** Query of `audit.list`. */
export const AUDIT_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: { ...AUDIT_FILTER_PROPERTIES, ...PAGE_QUERY_PROPERTIES },
} as const;
export type AuditQuery = Static<typeof AUDIT_QUERY_SCHEMA>;

/** Query of `audit.export`. */
export const AUDIT_EXPORT_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: AUDIT_FILTER_PROPERTIES,
} as const;
export type AuditExportQuery = Static<typeof AUDIT_EXPORT_QUERY_SCHEMA>;

const PROPERTIES = {
  id: { type: "string" },
  occurred_at: { type: "string", description: "RFC 3339." },
  actor_kind: { type: "string", enum: ["api_key", "user", "client", "local", "anonymous"] },
  actor_id: { type: ["string", "null"], description: "null: credentials were missing or not accepted." },
  credential_id: { type: ["string", "null"], description: "The key, or the session of the user's login." },
  operation: { type: "string" },
  target: { type: ["string", "null"], description: "What it was done to." },
  outcome: {
    type: "string",
    enum: AUDIT_OUTCOMES,
    description: "`refused`: credentials, permission or rate. `failed`: anything else.",
  },
  status: { type: "integer", description: "HTTP status of the answer." },
  address: { type: ["string", "null"], description: "Where the request came from." },
  request_id: { type: "string" },
  count: { type: "integer", minimum: 1, description: "Requests that this row stands for; above one only in bursts." },
} as const;

/** One row of the audit log. */
export const AUDIT_ENTRY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: Object.keys(PROPERTIES),
  properties: PROPERTIES,
} as const;
/** What the schema describes. */
export interface AuditEntry {
  readonly id: string;
  readonly occurred_at: string;
  readonly actor_kind: "api_key" | "user" | "client" | "local" | "anonymous";
  readonly actor_id: string | null;
  readonly credential_id: string | null;
  readonly operation: string;
  readonly target: string | null;
  readonly outcome: AuditOutcome;
  readonly status: number;
  readonly address: string | null;
  readonly request_id: string;
  readonly count: number;
}
