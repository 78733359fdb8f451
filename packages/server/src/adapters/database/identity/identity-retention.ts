import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "../../../internal/logger.ts";

const firstRunMs = 30_000;
const everyMs = 600_000;

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

/** Does so every ten minutes until the signal. Failures are for the next time. */
export async function keepIdentityBounded(
  systemPool: pg.Pool,
  auditRetentionDays: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = firstRunMs; ; waitMs = everyMs) {
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await removeExpired(systemPool, auditRetentionDays);
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, "expired sessions and old audit rows could not be removed");
    }
  }
}
