import pg from "pg";
import { DependencyUnavailable } from "../../domain/errors.ts";
import type { ComputationRecord, ComputationStore } from "../../domain/ports.ts";
import { setProject, transaction } from "./project-transaction.ts";

interface Waiting {
  readonly computation: ComputationRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Rows of one statement. Beyond a few hundred the share of the commit in the cost of a row no longer shrinks. */
const batchLimit = 256;
const queueLimit = 8_192;
const isDataError = /^2[23]/;

const columns = [
  ["id", "text"],
  ["project_id", "text"],
  ["principal_id", "text"],
  ["request_id", "text"],
  ["algorithm", "text"],
  ["status", "text"],
  ["error_code", "text"],
  ["input_sha256", "text"],
  ["parameters", "text"],
  ["statistics", "text"],
  ["engine", "text"],
  ["engine_version", "text"],
  ["started_at", "timestamptz"],
  ["finished_at", "timestamptz"],
] as const;

const conversions: Readonly<Record<string, string>> = {
  input_sha256: "decode(input_sha256, 'hex')",
  parameters: "parameters::jsonb",
  statistics: "statistics::jsonb",
};

/** One parameter a column, whatever the number of rows: the statement stays the same and is planned once. */
const insertText = `insert into tda.computations (${columns.map(([name]) => name).join(", ")})
  select ${columns.map(([name]) => conversions[name] ?? name).join(", ")}
  from unnest(${columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ")}) as given (${columns.map(([name]) => name).join(", ")})`;

/**
 * Records computations durably. A commit waits for the disk, about 3 ms, so records that arrive while one is under way
 * share the next: the more come, the larger the batches, and a single one waits for nobody. Bounded: beyond 8,192
 * waiting records a caller is told that the database is unavailable.
 */
export class PostgresComputationStore implements ComputationStore {
  readonly #pool: pg.Pool;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | null = null;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  record(computation: ComputationRecord): Promise<void> {
    if (this.#queue.length >= queueLimit) {
      return Promise.reject(new DependencyUnavailable("database", "Too many computations wait to be recorded.", 1));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ computation, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Waits until what was given so far is recorded or refused. */
  async drain(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // What the same turn of the event loop brings shares the first commit too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, batchLimit);
      await this.#write(batch);
    }
    this.#flushing = null;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#insert(batch);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const isOneOfThem = batch.length > 1 && error instanceof pg.DatabaseError && isDataError.test(error.code ?? "");
      // One record that the database does not take must not fail those that happened to share its batch.
      if (isOneOfThem) for (const waiting of batch) await this.#write([waiting]);
      else for (const { reject } of batch) reject(error);
    }
  }

  async #insert(batch: readonly Waiting[]): Promise<void> {
    const ofProjects = Map.groupBy(batch, ({ computation }) => computation.projectId);
    await transaction(this.#pool, async (client) => {
      for (const [projectId, waiting] of ofProjects) {
        const rows = waiting.map(({ computation }) => rowOf(computation));
        const values = columns.map((_, column) => rows.map((row) => row[column]));
        await setProject(client, projectId);
        await client.query({ name: "record-computations", text: insertText, values });
      }
    });
  }
}

/** In the order of `columns`. */
function rowOf(computation: ComputationRecord): readonly (string | Date | null)[] {
  return [
    computation.id,
    computation.projectId,
    computation.principalId,
    computation.requestId,
    computation.algorithm,
    computation.status,
    computation.errorCode,
    computation.inputSha256,
    JSON.stringify(computation.parameters),
    computation.statistics === null ? null : JSON.stringify(computation.statistics),
    computation.engine,
    computation.engineVersion,
    computation.startedAt,
    computation.finishedAt,
  ];
}
