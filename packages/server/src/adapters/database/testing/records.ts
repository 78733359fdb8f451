import { randomBytes } from "node:crypto";
import type { ComputationRecord, ValueSealer } from "../../../domain/ports.ts";
import { Keyring } from "../../../domain/storage/keyring.ts";
import { valueSealer } from "../../../domain/storage/value-sealer.ts";
import { newId } from "../../../internal/ids.ts";
import { createLogger } from "../../../internal/logger.ts";
import { type Database, type DatabaseAccess, openDatabase } from "../open-database.ts";

export const silent = createLogger({ level: "silent", format: "json" });

/** A master key of this process. */
const ofProcess = valueSealer(new Keyring([{ id: "process", secret: randomBytes(32) }]));

/** A computation to record. */
export function computation(projectId: string, more: Partial<ComputationRecord> = {}): ComputationRecord {
  return {
    id: newId("cmp"),
    projectId,
    principalId: "local",
    requestId: "req",
    algorithm: "vietoris-rips",
    status: "succeeded",
    errorCode: null,
    inputSha256: "ab".repeat(32),
    parameters: { max_dimension: 1 },
    statistics: { points: 3 },
    engine: "native",
    engineVersion: "0.1.0",
    startedAt: new Date(1_700_000_000_000),
    finishedAt: new Date(),
    ...more,
  };
}

/** The database as the server opens it, with small limits. */
export function open(
  access: DatabaseAccess,
  keysDir: string,
  more: { readonly renewLocalKey?: boolean; readonly statementTimeoutMs?: number; readonly sealer?: ValueSealer } = {},
): Promise<Database> {
  return openDatabase({
    access,
    poolSize: 4,
    statementTimeoutMs: more.statementTimeoutMs ?? 5_000,
    retentionDays: 30,
    auditRetentionDays: 365,
    usageRetentionDays: 400,
    keysDir,
    renewLocalKey: more.renewLocalKey ?? false,
    sealer: more.sealer ?? ofProcess,
    logger: silent,
  });
}
