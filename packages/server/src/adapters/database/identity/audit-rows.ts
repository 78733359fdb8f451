import type { AuditOutcome } from "@tda-platform/contract/audit-schemas";
import type pg from "pg";
import type { Actor, LoginContext } from "../../../domain/identity/ports.ts";
import { newId } from "../../../internal/ids.ts";

/** A row of the audit log, as it is written. */
export interface AuditRow {
  /** `aud_…`, given once: a row that is written again, since the first answer was lost, is the same row. */
  readonly id: string;
  readonly projectId: string;
  readonly occurredAt: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly credentialId: string | null;
  readonly operation: string;
  readonly target: string | null;
  readonly status: number;
  readonly address: string | null;
  readonly requestId: string;
  count: number;
}

const columns = [
  ["id", "text"],
  ["project_id", "text"],
  ["occurred_at", "timestamptz"],
  ["actor_kind", "text"],
  ["actor_id", "text"],
  ["credential_id", "text"],
  ["operation", "text"],
  ["target", "text"],
  ["outcome", "text"],
  ["status", "int"],
  ["address", "text"],
  ["request_id", "text"],
  ["count", "int"],
] as const;
const names = columns.map(([name]) => name).join(", ");
const insertText = `insert into tda.audit_log (${names}) select ${names}
  from unnest(${columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ")}) as given (${names}) on conflict do nothing`;

/** Writes rows in the present transaction, all of whose projects must be open to it. */
export async function insertAuditRows(client: pg.ClientBase, rows: readonly AuditRow[]): Promise<void> {
  const values = rows.map(valuesOf);
  await client.query({
    name: "insert-audit-rows",
    text: insertText,
    values: columns.map((_, column) => values.map((row) => row[column])),
  });
}

/** Writes what an actor did, in the transaction that does it: either both are kept or neither. */
export async function auditWithin(
  client: pg.ClientBase,
  actor: Actor,
  target: string | null,
  { status = 200, projectId = actor.principal.projectId }: { status?: number; projectId?: string } = {},
): Promise<void> {
  const { principal, operation, requestId, address } = actor;
  const now = { id: newId("aud"), occurredAt: new Date() };
  const row = { ...now, projectId, operation, target, status, address, requestId, count: 1 };
  const { kind, id: actorId, credentialId = null } = principal;
  await insertAuditRows(client, [{ ...row, actorKind: kind, actorId, credentialId }]);
}

/** The same of a login: the user is not authenticated before it. */
export async function auditLogin(
  client: pg.ClientBase,
  { operation, requestId, address }: LoginContext,
  session: { readonly id: string; readonly userId: string; readonly projectId: string },
  status: number,
): Promise<void> {
  const now = { id: newId("aud"), occurredAt: new Date() };
  const row = { ...now, operation, status, address, requestId, count: 1 };
  const { id: sessionId, userId, projectId } = session;
  await insertAuditRows(client, [
    { ...row, projectId, actorKind: "user", actorId: userId, credentialId: sessionId, target: sessionId },
  ]);
}

/** 401, 403 and 429 were refused; what else is no success failed. */
function outcomeOf(status: number): AuditOutcome {
  if (status < 400) return "succeeded";
  return status === 401 || status === 403 || status === 429 ? "refused" : "failed";
}

/** In the order of `columns`. */
function valuesOf(row: AuditRow): readonly (string | number | Date | null)[] {
  return [
    row.id,
    row.projectId,
    row.occurredAt,
    row.actorKind,
    row.actorId,
    row.credentialId,
    row.operation,
    row.target,
    outcomeOf(row.status),
    row.status,
    row.address,
    row.requestId,
    row.count,
  ];
}
