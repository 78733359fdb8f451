import type pg from "pg";
import type { BlobMaintenance, BlobRecords } from "../../domain/datasets/ports.ts";
import type { BlobName } from "../../domain/storage/blob-store.ts";
import type { WrappedKey } from "../../domain/storage/keyring.ts";
import { inProject, transaction } from "./project-transaction.ts";

/** Records of the blobs of a project. */
export class PostgresBlobRecords implements BlobRecords {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async begin({ projectId, id }: BlobName, key: WrappedKey): Promise<void> {
    const text = "insert into tda.blobs (project_id, id, master_key_id, wrapped_key) values ($1, $2, $3, $4)";
    await this.#run(projectId, text, [projectId, id, key.masterKeyId, key.bytes]);
  }

  async touch({ projectId, id }: BlobName): Promise<void> {
    await this.#run(projectId, "update tda.blobs set touched_at = now() where project_id = $1 and id = $2", [
      projectId,
      id,
    ]);
  }

  async doom({ projectId, id }: BlobName): Promise<void> {
    await this.#run(projectId, "update tda.blobs set state = 'doomed' where project_id = $1 and id = $2", [
      projectId,
      id,
    ]);
  }

  async forget({ projectId, id }: BlobName): Promise<void> {
    const text = "delete from tda.blobs where project_id = $1 and id = $2 and state = 'doomed'";
    await this.#run(projectId, text, [projectId, id]);
  }

  async #run(projectId: string, text: string, values: unknown[]): Promise<void> {
    await inProject(this.#pool, projectId, (client) => client.query(text, values));
  }
}

/** Marks a blob as kept within the caller's transaction; false: it was given up meanwhile. */
export async function keepBlob(client: pg.ClientBase, { projectId, id }: BlobName, bytes: number): Promise<boolean> {
  const text =
    "update tda.blobs set state = 'kept', bytes = $3 where project_id = $1 and id = $2 and state = 'writing'";
  return (await client.query(text, [projectId, id, bytes])).rowCount === 1;
}

/** Records of the blobs of all projects, by the system's role. */
export class PostgresBlobMaintenance implements BlobMaintenance {
  readonly #systemPool: pg.Pool;

  constructor(systemPool: pg.Pool) {
    this.#systemPool = systemPool;
  }

  async doomed(staleSeconds: number, limit: number): Promise<BlobName[]> {
    return await transaction(this.#systemPool, async (client) => {
      // Marked before anything is removed: whoever still writes can no longer keep it.
      await client.query(
        "update tda.blobs set state = 'doomed' where state = 'writing' and touched_at < now() - make_interval(secs => $1)",
        [staleSeconds],
      );
      const { rows } = await client.query<{ project_id: string; id: string }>(
        "select project_id, id from tda.blobs where state = 'doomed' order by touched_at limit $1",
        [limit],
      );
      return rows.map(({ project_id, id }) => ({ projectId: project_id, id }));
    });
  }

  async forget({ projectId, id }: BlobName): Promise<void> {
    await transaction(this.#systemPool, (client) =>
      client.query("delete from tda.blobs where project_id = $1 and id = $2 and state = 'doomed'", [projectId, id]),
    );
  }

  async underKeys(
    masterKeyIds: readonly string[],
    limit: number,
  ): Promise<(BlobName & { readonly key: WrappedKey })[]> {
    return await transaction(this.#systemPool, async (client) => {
      const { rows } = await client.query<{
        project_id: string;
        id: string;
        master_key_id: string;
        wrapped_key: Buffer;
      }>(
        "select project_id, id, master_key_id, wrapped_key from tda.blobs where master_key_id = any ($1) and state <> 'doomed' limit $2",
        [masterKeyIds, limit],
      );
      return rows.map((row) => ({
        projectId: row.project_id,
        id: row.id,
        key: { masterKeyId: row.master_key_id, bytes: row.wrapped_key },
      }));
    });
  }

  async missingKeys(masterKeyIds: readonly string[]): Promise<string[]> {
    return await transaction(this.#systemPool, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        "select distinct master_key_id as id from tda.blobs where master_key_id <> all ($1) and state <> 'doomed'",
        [masterKeyIds],
      );
      return rows.map(({ id }) => id);
    });
  }

  async replaceKey({ projectId, id }: BlobName, from: WrappedKey, to: WrappedKey): Promise<void> {
    await transaction(this.#systemPool, (client) =>
      client.query(
        "update tda.blobs set master_key_id = $4, wrapped_key = $5 where project_id = $1 and id = $2 and wrapped_key = $3",
        [projectId, id, from.bytes, to.masterKeyId, to.bytes],
      ),
    );
  }
}
