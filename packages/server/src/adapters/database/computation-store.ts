import type { ComputationEvent } from "@tda-platform/contract/events/computation-event";
import type pg from "pg";
import type { ComputationRecord, ComputationStore } from "../../domain/ports.ts";
import { GroupCommit } from "./group-commit.ts";
import { setProject, transaction } from "./project-transaction.ts";

/** Rows of one statement. Beyond a few hundred the share of the commit in the cost of a row no longer shrinks. */
const batchLimit = 256;
const queueLimit = 8_192;

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

/**
 * One parameter a column, whatever the number of rows: the statement stays the same and is planned once. The event of a batch is
 * one row of the outbox, named after the first of them: a row for each would cost as much as the record itself.
 */
const insertText = `with recorded as (
    insert into tda.computations (${columns.map(([name]) => name).join(", ")})
    select ${columns.map(([name]) => conversions[name] ?? name).join(", ")}
    from unnest(${columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ")}) as given (${columns.map(([name]) => name).join(", ")})
  )
  insert into tda.outbox (project_id, topic, aggregate_id, version, lane, type, payload)
  select project, 'computations', first, 1, get_byte(sha256(convert_to(first, 'UTF8')), 0) & 63, 'computation.completed', events
  from (values ($${columns.length + 1}::text, $${columns.length + 2}::text, $${columns.length + 3}::json)) as batch (project, first, events)`;

/** Records computations durably, many by one commit. Beyond 8,192 waiting records callers are told to come again. */
export class PostgresComputationStore implements ComputationStore {
  readonly #records: GroupCommit<ComputationRecord, undefined>;

  constructor(pool: pg.Pool) {
    this.#records = new GroupCommit({
      write: (batch) => insert(pool, batch),
      batchItems: batchLimit,
      queueItems: queueLimit,
      refusal: "Too many computations wait to be recorded.",
    });
  }

  record(computation: ComputationRecord): Promise<void> {
    return this.#records.add(computation);
  }

  /** Waits until what was given so far is recorded or refused. */
  drain(): Promise<void> {
    return this.#records.drain();
  }
}

async function insert(pool: pg.Pool, batch: readonly ComputationRecord[]): Promise<readonly undefined[]> {
  const ofProjects = Map.groupBy(batch, ({ projectId }) => projectId);
  await transaction(pool, async (client) => {
    for (const [projectId, computations] of ofProjects) {
      const rows = computations.map(rowOf);
      const values: unknown[] = columns.map((_, column) => rows.map((row) => row[column]));
      await setProject(client, projectId);
      values.push(projectId, computations[0]!.id, JSON.stringify(computations.map(eventOf)));
      await client.query({ name: "record-computations", text: insertText, values });
    }
  });
  return batch.map(() => undefined);
}

/** Of the topic `computations`, without the project. */
function eventOf(computation: ComputationRecord): Omit<ComputationEvent, "project_id"> {
  const { startedAt, finishedAt } = computation;
  return {
    computation_id: computation.id,
    algorithm: computation.algorithm,
    status: computation.status,
    error: computation.errorCode,
    engine: computation.engine,
    engine_version: computation.engineVersion,
    seconds: (finishedAt.getTime() - startedAt.getTime()) / 1000,
    time: finishedAt.getTime(),
  };
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
