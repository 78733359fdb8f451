import { AUDIT_ENTRY_SCHEMA, AUDIT_EXPORT_QUERY_SCHEMA, AUDIT_QUERY_SCHEMA } from "../audit-schemas.ts";
import { MEDIA_TYPES } from "../media-types.ts";
import { pageSchema } from "../pages.ts";
import type { OperationDefinition } from "./definition.ts";

export const AUDIT_OPERATIONS = {
  "audit.list": {
    method: "GET",
    path: "/v1/audit",
    aliases: [],
    tag: "Identity",
    summary: "Read the audit log",
    description:
      "What changed, was computed or was refused in the project: who, when, from where, with what outcome; newest first. Requests without accepted credentials are in the default project's log. A row appears within a second.",
    permission: "audit.read",
    request: { bodies: {}, query: AUDIT_QUERY_SCHEMA, headers: {} },
    response: {
      status: 200,
      description: "A page of the log.",
      bodies: { [MEDIA_TYPES.json]: pageSchema(AUDIT_ENTRY_SCHEMA) },
      headers: {},
    },
    problems: ["validation_failed", "unknown_field"],
  },
  "audit.export": {
    method: "GET",
    path: "/v1/audit/export",
    aliases: [],
    tag: "Identity",
    summary: "Export the audit log",
    description: "The same rows, all of them, one JSON object a line, newest first.",
    permission: "audit.read",
    request: { bodies: {}, query: AUDIT_EXPORT_QUERY_SCHEMA, headers: {} },
    response: {
      status: 200,
      description: "The log.",
      bodies: { [MEDIA_TYPES.ndjson]: { type: "string" } },
      headers: { "Content-Disposition": "An attachment." },
    },
    problems: ["validation_failed", "unknown_field"],
  },
} as const satisfies Record<string, OperationDefinition>;
