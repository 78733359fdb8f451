import type { Erasure, ErasureState } from "@tda-platform/contract/erasures";
import type pg from "pg";
import type { ErasureLog, ErasureRequestOutcome } from "../../../domain/erasure/erasure-store.ts";
import { newId } from "../../../internal/ids.ts";
import { asAvailable } from "../database-errors.ts";
import { transaction } from "../project-transaction.ts";

interface ErasureRow {
  readonly id: string;
  readonly erased_project_id: string;
  readonly state: ErasureState;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly rows_deleted: number;
  readonly blobs_deleted: number;
  readonly error: string | null;
}

const columns =
  "id, erased_project_id, state, requested_by, requested_at, finished_at, rows_deleted, blobs_deleted, error";

/** Records of erasures, through connections of the system's role: they are of no project. */
export class PostgresErasureLog implements ErasureLog {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async request(projectId: string, confirmedName: string, requestedBy: string): Promise<ErasureRequestOutcome> {
    return await transaction(this.#pool, async (client): Promise<ErasureRequestOutcome> => {
      const { rows: known } = await client.query<ErasureRow>(
        `select ${columns} from tda.erasures where erased_project_id = $1`,
        [projectId],
      );
      // Of a project that is gone there is no name to confirm any more, and nothing to protect.
      if (known[0] !== undefined) return { kind: "erasure", erasure: erasureOf(known[0]) };
      const { rows: projects } = await client.query<{ name: string; is_default: boolean }>(
        "select name, is_default from tda.projects where id = $1",
        [projectId],
      );
      const project = projects[0];
      if (project === undefined) return { kind: "no_project" };
      if (project.is_default) return { kind: "default_project" };
      if (project.name !== confirmedName) return { kind: "other_name" };
      const { rows } = await client.query<ErasureRow>(
        `insert into tda.erasures (id, erased_project_id, requested_by) values ($1, $2, $3)
         on conflict (erased_project_id) do update set requested_by = erasures.requested_by returning ${columns}`,
        [newId("era"), projectId, requestedBy],
      );
      return { kind: "erasure", erasure: erasureOf(rows[0]!) };
    });
  }

  async read(id: string): Promise<Erasure | null> {
    const { rows } = await asAvailable(() =>
      this.#pool.query<ErasureRow>(`select ${columns} from tda.erasures where id = $1`, [id]),
    );
    return rows[0] === undefined ? null : erasureOf(rows[0]);
  }

  async list({ limit, before }: { readonly limit: number; readonly before: string | null }): Promise<Erasure[]> {
    const text = `select ${columns} from tda.erasures where $1::text is null or id < $1 order by id desc limit $2`;
    return (await asAvailable(() => this.#pool.query<ErasureRow>(text, [before, limit]))).rows.map(erasureOf);
  }
}

function erasureOf(row: ErasureRow): Erasure {
  return {
    id: row.id,
    project_id: row.erased_project_id,
    state: row.state,
    requested_by: row.requested_by,
    requested_at: row.requested_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    rows_deleted: row.rows_deleted,
    blobs_deleted: row.blobs_deleted,
    error: row.error,
  };
}
