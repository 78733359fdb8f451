import type pg from "pg";
import type { Logger } from "../../../internal/logger.ts";
import { periodically } from "../../../internal/periodically.ts";

const tenMinutes = {
  firstMs: 30_000,
  everyMs: 600_000,
  complaint: "expired sessions and old audit rows could not be removed",
};

/** Removes what has expired: tickets, sessions, attempts, keys of the issuer; and keeps the audit log's partitions. */
export async function removeExpired(systemPool: pg.Pool, auditRetentionDays: number): Promise<void> {
  for (const statement of [
    "delete from tda.tickets where expires_at < now()",
    "delete from tda.sessions where expires_at < now() - interval '1 day'",
    "delete from tda.login_attempts where since < now() - interval '1 hour'",
    "delete from tda.signing_keys where used_until < now() - interval '1 day'",
  ]) {
    await systemPool.query(statement);
  }
  await systemPool.query("select tda.maintain_audit_log($1)", [auditRetentionDays]);
}

/** Does so every ten minutes until the signal. */
export function keepIdentityBounded(
  systemPool: pg.Pool,
  auditRetentionDays: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  return periodically(tenMinutes, logger, signal, () => removeExpired(systemPool, auditRetentionDays));
}
