import type { DatasetFormat, DatasetKind, UploadState } from "@tda-platform/contract/datasets";
import type pg from "pg";
import type {
  FinishedUpload,
  NewDataset,
  NewUpload,
  UploadMaintenance,
  UploadProblem,
  UploadRecord,
  UploadStore,
} from "../../domain/datasets/ports.ts";
import type { BlobName } from "../../domain/storage/blob-store.ts";
import type { SealedBlob } from "../../domain/storage/sealed-blobs.ts";
import { keepBlob } from "./blob-records.ts";
import { inProject, transaction } from "./project-transaction.ts";

interface UploadRow {
  readonly id: string;
  readonly project_id: string;
  readonly state: UploadState;
  readonly name: string;
  readonly format: DatasetFormat | null;
  readonly kind: DatasetKind | null;
  readonly metadata: string;
  readonly length: number;
  readonly received: number;
  readonly dataset_id: string | null;
  readonly problem: UploadProblem | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date;
}

const COLUMNS =
  "id, project_id, state, name, format, kind, metadata, length, received, dataset_id, problem, created_by, created_at, expires_at";
const OF_UPLOAD = "project_id = $1 and id = $2";
const WITH_LEASE = `${OF_UPLOAD} and lease_token = $3`;

/** Ends an upload's parts: their blobs are marked, their rows removed. Arguments: project, upload. */
const GIVE_PARTS_UP = `with gone as (delete from tda.upload_parts where project_id = $1 and upload_id = $2 returning project_id, blob_id)
  update tda.blobs b set state = 'doomed' from gone where b.project_id = gone.project_id and b.id = gone.blob_id returning b.id`;

class LeaseLost extends Error {}

export class PostgresUploadStore implements UploadStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async create(upload: NewUpload): Promise<UploadRecord> {
    const { projectId, id, name, format, kind, metadata, length, createdBy, expiresAt } = upload;
    const values = [projectId, id, name, format, kind, metadata, length, createdBy, expiresAt];
    const text = `insert into tda.uploads (project_id, id, name, format, kind, metadata, length, created_by, expires_at, state)
      values ($1, $2, $3, $4, $5, $6, $7::bigint, $8, $9, case when $7::bigint = 0 then 'processing' else 'receiving' end) returning ${COLUMNS}`;
    return (await this.#one(projectId, text, values))!;
  }

  async find(projectId: string, id: string): Promise<UploadRecord | null> {
    return await this.#one(projectId, `select ${COLUMNS} from tda.uploads where ${OF_UPLOAD}`, [projectId, id]);
  }

  async lease(
    projectId: string,
    id: string,
    token: string,
    seconds: number,
  ): Promise<UploadRecord | "missing" | "leased"> {
    // Compare-and-set with the database's clock: servers' clocks need not agree.
    const text = `update tda.uploads set lease_token = $3, lease_until = now() + make_interval(secs => $4)
      where ${OF_UPLOAD} and expires_at > now() and (lease_token is null or lease_until < now()) returning ${COLUMNS}`;
    const leased = await this.#one(projectId, text, [projectId, id, token, seconds]);
    if (leased !== null) return leased;
    const found = await this.find(projectId, id);
    return found === null || found.expiresAt.getTime() <= Date.now() ? "missing" : "leased";
  }

  async renew(projectId: string, id: string, token: string, seconds: number): Promise<boolean> {
    const text = `update tda.uploads set lease_until = now() + make_interval(secs => $4) where ${WITH_LEASE} returning ${COLUMNS}`;
    return (await this.#one(projectId, text, [projectId, id, token, seconds])) !== null;
  }

  async release(projectId: string, id: string, token: string): Promise<void> {
    const text = `update tda.uploads set lease_token = null, lease_until = now() where ${WITH_LEASE} returning ${COLUMNS}`;
    await this.#one(projectId, text, [projectId, id, token]);
  }

  async append(
    projectId: string,
    id: string,
    token: string,
    { blob, bytes }: { readonly blob: BlobName; readonly bytes: number },
  ): Promise<UploadRecord | null> {
    try {
      return await inProject(this.#pool, projectId, async (client) => {
        const { rows } = await client.query<UploadRow>(
          `update tda.uploads set received = received + $4, state = case when received + $4 = length then 'processing' else state end
           where ${WITH_LEASE} and state = 'receiving' returning ${COLUMNS}`,
          [projectId, id, token, bytes],
        );
        const row = rows[0];
        if (row === undefined || !(await keepBlob(client, blob, bytes))) throw new LeaseLost();
        await client.query(
          "insert into tda.upload_parts (project_id, upload_id, start_byte, blob_id) values ($1, $2, $3, $4)",
          [projectId, id, row.received - bytes, blob.id],
        );
        return recordOf(row);
      });
    } catch (error) {
      if (error instanceof LeaseLost) return null;
      throw error;
    }
  }

  async parts(projectId: string, id: string): Promise<SealedBlob[]> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<{ id: string; master_key_id: string; wrapped_key: Buffer; bytes: number }>(
        `select b.id, b.master_key_id, b.wrapped_key, b.bytes
         from tda.upload_parts p join tda.blobs b on b.project_id = p.project_id and b.id = p.blob_id
         where p.project_id = $1 and p.upload_id = $2 order by p.start_byte`,
        [projectId, id],
      );
      return rows.map((row) => ({
        projectId,
        id: row.id,
        key: { masterKeyId: row.master_key_id, bytes: row.wrapped_key },
        bytes: row.bytes,
      }));
    });
  }

  async fail(projectId: string, id: string, token: string, problem: UploadProblem): Promise<void> {
    await inProject(this.#pool, projectId, async (client) => {
      const text = `update tda.uploads set state = 'failed', problem = $4::jsonb where ${WITH_LEASE}`;
      const { rowCount } = await client.query(text, [projectId, id, token, JSON.stringify(problem)]);
      if (rowCount === 1) await client.query(GIVE_PARTS_UP, [projectId, id]);
    });
  }

  async delete(projectId: string, id: string): Promise<BlobName[] | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rowCount } = await client.query(`delete from tda.uploads where ${OF_UPLOAD}`, [projectId, id]);
      if (rowCount === 0) return null;
      const { rows } = await client.query<{ id: string }>(GIVE_PARTS_UP, [projectId, id]);
      return rows.map((row) => ({ projectId, id: row.id }));
    });
  }

  async #one(projectId: string, text: string, values: unknown[]): Promise<UploadRecord | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<UploadRow>(text, values);
      return rows[0] === undefined ? null : recordOf(rows[0]);
    });
  }
}

/** Within the transaction that records the dataset. False: the lease is another's. */
export async function finishUpload(
  client: pg.ClientBase,
  { projectId, id: datasetId }: Pick<NewDataset, "projectId" | "id">,
  { uploadId, lease }: FinishedUpload,
): Promise<boolean> {
  const text = `update tda.uploads set state = 'finished', dataset_id = $4 where ${WITH_LEASE} and state = 'processing'`;
  const { rowCount } = await client.query(text, [projectId, uploadId, lease, datasetId]);
  if (rowCount === 1) await client.query(GIVE_PARTS_UP, [projectId, uploadId]);
  return rowCount === 1;
}

/** A server that ended is not expected to come back for its uploads after this. */
const UNATTENDED_SECONDS = 60;

export class PostgresUploadMaintenance implements UploadMaintenance {
  readonly #systemPool: pg.Pool;

  constructor(systemPool: pg.Pool) {
    this.#systemPool = systemPool;
  }

  async expire(limit: number): Promise<number> {
    return await transaction(this.#systemPool, async (client) => {
      const { rows } = await client.query<{ project_id: string; id: string }>(
        `delete from tda.uploads where (project_id, id) in (
           select project_id, id from tda.uploads where expires_at < now() order by expires_at limit $1 for update skip locked)
         returning project_id, id`,
        [limit],
      );
      for (const { project_id, id } of rows) await client.query(GIVE_PARTS_UP, [project_id, id]);
      return rows.length;
    });
  }

  async unattended(limit: number): Promise<{ readonly projectId: string; readonly id: string }[]> {
    return await transaction(this.#systemPool, async (client) => {
      const { rows } = await client.query<{ project_id: string; id: string }>(
        `select project_id, id from tda.uploads where state = 'processing' and lease_until < now() - make_interval(secs => $1)
         order by lease_until limit $2`,
        [UNATTENDED_SECONDS, limit],
      );
      return rows.map(({ project_id, id }) => ({ projectId: project_id, id }));
    });
  }
}

function recordOf(row: UploadRow): UploadRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    state: row.state,
    name: row.name,
    format: row.format,
    kind: row.kind,
    metadata: row.metadata,
    length: row.length,
    received: row.received,
    datasetId: row.dataset_id,
    problem: row.problem,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
