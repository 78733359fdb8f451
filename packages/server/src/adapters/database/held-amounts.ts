import type pg from "pg";
import type { StorageUsage } from "../../domain/datasets/ports.ts";
import type { HeldAmounts } from "../../domain/limits/ports.ts";
import { inProject } from "./project-transaction.ts";

/** What a project holds at present, counted in the tables that hold it. */
export class PostgresHeldAmounts implements HeldAmounts {
  readonly #pool: pg.Pool;
  readonly #datasets: StorageUsage;

  constructor(pool: pg.Pool, datasets: StorageUsage) {
    this.#pool = pool;
    this.#datasets = datasets;
  }

  async queuedJobs(projectId: string): Promise<number> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<{ jobs: number }>({
        name: "count-jobs",
        // Two parts, each by its index.
        text: `select (select count(*) from tda.jobs where project_id = $1 and status = 'queued')
          + (select count(*) from tda.jobs where project_id = $1 and status = 'running') as jobs`,
        values: [projectId],
      }),
    );
    return rows[0]?.jobs ?? 0;
  }

  storedBytes(projectId: string): Promise<number> {
    return this.#datasets.bytesStored(projectId);
  }
}
