import { createHash, randomUUID } from "node:crypto";
import { IDEMPOTENCY_HOURS } from "@tda-platform/contract/limits";
import type pg from "pg";
import { v7 } from "uuid";
import type {
  IdempotencyAttempt,
  IdempotencyBegin,
  IdempotencyScope,
  IdempotencyStore,
  KeptAnswer,
} from "../../domain/limits/idempotency.ts";
import type { ProjectSecrets, ValueSealer } from "../../domain/ports.ts";
import { openBytes, sealBytes } from "../../domain/sealing/sealed-bytes.ts";
import { inProject } from "./project-transaction.ts";
import { answerContext } from "./sealed-contexts.ts";

/** An attempt that is not renewed for so long is taken for dead; `idempotency.ts` of HTTP renews it three times as often. */
const leaseSeconds = 30;

interface Row {
  readonly is_ours: boolean;
  readonly seed: string;
  readonly request_sha256: Buffer | null;
  readonly status: number | null;
  readonly answer: Buffer | null;
  readonly lease_seconds: number;
}

/**
 * One statement decides: a new key, one whose answer has expired, and one whose attempt has died are ours; any other row
 * stays as it is. A key whose attempt died keeps its seed and is held to the same request.
 */
const beginText = `insert into tda.idempotency_keys as kept (project_id, operation, key_sha256, token, seed, lease_until, request_sha256, expires_at)
  values ($1, $2, $3, $4, $5, now() + make_interval(secs => $7), $6, now() + make_interval(hours => $8))
  on conflict (project_id, operation, key_sha256) do update set
    token = excluded.token, lease_until = excluded.lease_until, expires_at = excluded.expires_at,
    seed = case when kept.expires_at < now() then excluded.seed else kept.seed end,
    request_sha256 = excluded.request_sha256, status = null, answer = null, master_key_id = null,
    created_at = case when kept.expires_at < now() then now() else kept.created_at end
  where kept.expires_at < now()
    or (kept.status is null and kept.lease_until < now()
      and (kept.request_sha256 is null or excluded.request_sha256 is null or kept.request_sha256 = excluded.request_sha256))
  returning true as is_ours, seed, request_sha256, status, answer, 0 as lease_seconds`;

const findText = `select false as is_ours, seed, request_sha256, status, answer,
    greatest(1, ceil(extract(epoch from lease_until - now())))::int as lease_seconds
  from tda.idempotency_keys where project_id = $1 and operation = $2 and key_sha256 = $3`;

const ofAttempt = "project_id = $1 and operation = $2 and key_sha256 = $3 and token = $4 and status is null";

/**
 * Keys of requests and the answers to them, by project. Answers may hold secrets (a new API key): they are sealed under the
 * project's secret and the idempotency key, of which only the hash is kept, and once more under the master key.
 */
export class PostgresIdempotencyStore implements IdempotencyStore {
  readonly #pool: pg.Pool;
  readonly #secrets: ProjectSecrets;
  readonly #sealer: ValueSealer;

  constructor(pool: pg.Pool, secrets: ProjectSecrets, sealer: ValueSealer) {
    this.#sealer = sealer;
    this.#pool = pool;
    this.#secrets = secrets;
  }

  async begin(scope: IdempotencyScope, digest: Uint8Array | null): Promise<IdempotencyBegin> {
    const token = randomUUID();
    const row = await inProject(this.#pool, scope.projectId, (client) =>
      this.#beginOrFind(client, scope, token, digest),
    );
    if (row.is_ours) return { state: "new", attempt: { ...scope, token, seed: row.seed } };
    if (row.status === null || row.answer === null || row.request_sha256 === null) {
      return { state: "in_progress", digest: row.request_sha256, retryAfterSeconds: row.lease_seconds };
    }
    const inner = this.#sealer.open(answerContext(...namesOf(scope)), row.answer);
    const opened = openBytes(await this.#secret(scope), contextOf(scope), inner);
    return { state: "completed", digest: row.request_sha256, answer: decodeAnswer(row.status, opened) };
  }

  async renew(attempt: IdempotencyAttempt): Promise<boolean> {
    return await this.#change(
      attempt,
      `update tda.idempotency_keys set lease_until = now() + make_interval(secs => $5) where ${ofAttempt}`,
      [leaseSeconds],
    );
  }

  async complete(attempt: IdempotencyAttempt, digest: Uint8Array, answer: KeptAnswer): Promise<void> {
    const inner = sealBytes(await this.#secret(attempt), contextOf(attempt), encodeAnswer(answer));
    const sealed = this.#sealer.seal(answerContext(...namesOf(attempt)), inner);
    await this.#change(
      attempt,
      `update tda.idempotency_keys set request_sha256 = $5, status = $6, answer = $7, master_key_id = $8 where ${ofAttempt}`,
      [digest, answer.status, sealed, this.#sealer.masterKeyId],
    );
  }

  async abandon(attempt: IdempotencyAttempt): Promise<void> {
    await this.#change(attempt, `delete from tda.idempotency_keys where ${ofAttempt}`, []);
  }

  async #secret({ projectId, key }: IdempotencyScope): Promise<Buffer> {
    return Buffer.concat([await this.#secrets.cacheKey(projectId), Buffer.from(key)]);
  }

  async #beginOrFind(
    client: pg.PoolClient,
    scope: IdempotencyScope,
    token: string,
    digest: Uint8Array | null,
  ): Promise<Row> {
    const names = namesOf(scope);
    const values = [...names, token, v7(), digest, leaseSeconds, IDEMPOTENCY_HOURS];
    for (;;) {
      const begun = await client.query<Row>({ name: "begin-idempotent", text: beginText, values });
      if (begun.rows[0] !== undefined) return begun.rows[0];
      const found = await client.query<Row>({ name: "find-idempotent", text: findText, values: names });
      // Abandoned between the two statements: free again.
      if (found.rows[0] !== undefined) return found.rows[0];
    }
  }

  async #change(attempt: IdempotencyAttempt, text: string, more: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await inProject(this.#pool, attempt.projectId, (client) =>
      client.query(text, [...namesOf(attempt), attempt.token, ...more]),
    );
    return rowCount === 1;
  }
}

function namesOf({ projectId, operation, key }: IdempotencyScope): [string, string, Buffer] {
  return [projectId, operation, createHash("sha256").update(key).digest()];
}

function contextOf({ projectId, operation }: IdempotencyScope): string {
  return `tda-idempotency/1\n${projectId}\n${operation}`;
}

/** Length of the headers' JSON, the JSON, the body. */
function encodeAnswer({ headers, body }: KeptAnswer): Buffer {
  const json = Buffer.from(JSON.stringify(headers));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, body]);
}

function decodeAnswer(status: number, bytes: Buffer): KeptAnswer {
  const end = 4 + bytes.readUInt32LE(0);
  return { status, headers: JSON.parse(bytes.toString("utf8", 4, end)), body: bytes.subarray(end) };
}
