import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import type pg from "pg";
import type {
  DatasetRecord,
  DatasetStore,
  FinishedUpload,
  NewDataset,
  StorageUsage,
  StoredDataset,
} from "../../domain/datasets/ports.ts";
import type { BlobName } from "../../domain/storage/blob-store.ts";
import { keepBlob } from "./blob-records.ts";
import { inProject } from "./project-transaction.ts";
import { finishUpload } from "./upload-store.ts";

interface DatasetRow {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly kind: DatasetKind;
  readonly format: DatasetFormat;
  readonly row_count: number;
  readonly column_count: number;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly created_by: string;
  readonly created_at: Date;
}

const COLUMNS =
  "d.id, d.project_id, d.name, d.kind, d.format, d.row_count, d.column_count, d.bytes, d.sha256, d.created_by, d.created_at";

/** A blob of a dataset or an upload that is no longer wanted, within the caller's transaction. */
class Abandoned extends Error {}

export class PostgresDatasetStore implements DatasetStore, StorageUsage {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async create(dataset: NewDataset, blob: BlobName, upload: FinishedUpload | null): Promise<DatasetRecord | null> {
    try {
      return await inProject(this.#pool, dataset.projectId, async (client) => {
        if (!(await keepBlob(client, blob, dataset.bytes))) throw new Abandoned();
        if (upload !== null && !(await finishUpload(client, dataset, upload))) throw new Abandoned();
        const { rows } = await client.query<DatasetRow>(
          `insert into tda.datasets as d (project_id, id, name, kind, format, row_count, column_count, bytes, sha256, blob_id, created_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, decode($9, 'hex'), $10, $11) returning ${COLUMNS}`,
          [
            dataset.projectId,
            dataset.id,
            dataset.name,
            dataset.kind,
            dataset.format,
            dataset.rows,
            dataset.columns,
            dataset.bytes,
            dataset.sha256,
            blob.id,
            dataset.createdBy,
          ],
        );
        return recordOf(rows[0]!);
      });
    } catch (error) {
      if (error instanceof Abandoned) return null;
      throw error;
    }
  }

  async find(projectId: string, id: string): Promise<StoredDataset | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<DatasetRow & { blob_id: string; master_key_id: string; wrapped_key: Buffer }>(
        `select ${COLUMNS}, b.id as blob_id, b.master_key_id, b.wrapped_key
         from tda.datasets d join tda.blobs b on b.project_id = d.project_id and b.id = d.blob_id
         where d.project_id = $1 and d.id = $2`,
        [projectId, id],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const key = { masterKeyId: row.master_key_id, bytes: row.wrapped_key };
      return { ...recordOf(row), blob: { projectId, id: row.blob_id, key, bytes: row.bytes } };
    });
  }

  async list(
    projectId: string,
    page: { readonly limit: number; readonly before: string | null },
  ): Promise<DatasetRecord[]> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<DatasetRow>(
        `select ${COLUMNS} from tda.datasets d where d.project_id = $1 and ($2::text is null or d.id < $2)
         order by d.id desc limit $3`,
        [projectId, page.before, page.limit],
      );
      return rows.map(recordOf);
    });
  }

  async delete(projectId: string, id: string): Promise<BlobName | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<{ blob_id: string }>(
        "delete from tda.datasets where project_id = $1 and id = $2 returning blob_id",
        [projectId, id],
      );
      const blobId = rows[0]?.blob_id;
      if (blobId === undefined) return null;
      await client.query("update tda.blobs set state = 'doomed' where project_id = $1 and id = $2", [
        projectId,
        blobId,
      ]);
      return { projectId, id: blobId };
    });
  }

  async bytesStored(projectId: string): Promise<number> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<{ bytes: number }>(
        `select (coalesce((select sum(bytes) from tda.datasets where project_id = $1), 0)
           + coalesce((select sum(length) from tda.uploads where project_id = $1 and state in ('receiving', 'processing') and expires_at > now()), 0))::bigint as bytes`,
        [projectId],
      );
      return rows[0]!.bytes;
    });
  }
}

function recordOf(row: DatasetRow): DatasetRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    kind: row.kind,
    format: row.format,
    rows: row.row_count,
    columns: row.column_count,
    bytes: row.bytes,
    sha256: row.sha256.toString("hex"),
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
