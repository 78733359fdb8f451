import type pg from "pg";
import type { ValueSealer } from "../../domain/ports.ts";
import {
  answerContext,
  inputContext,
  recordContext,
  rejectedContext,
  resultContext,
  streamResultContext,
  streamStateContext,
} from "./sealed-contexts.ts";

interface SealedTable<Row> {
  readonly name: string;
  readonly column: string;
  /** The primary key. */
  readonly keys: readonly (keyof Row & string)[];
  /** Whether another part follows; `t` is the table. */
  readonly more: string;
  context(row: Row, more: boolean): string;
}

interface InputRow {
  readonly project_id: string;
  readonly job_id: string;
  readonly part: number;
}
interface ResultRow extends InputRow {
  readonly attempt: number;
}
interface RecordRow {
  readonly topic: string;
  readonly partition: number;
  readonly record_offset: number;
}
interface StateRow {
  readonly log: string;
  readonly partition: number;
  readonly stream_id: string;
  readonly key: string;
}
interface AnswerRow {
  readonly project_id: string;
  readonly operation: string;
  readonly key_sha256: Buffer;
}
interface StreamResultRow {
  readonly project_id: string;
  readonly stream_id: string;
  readonly definition_version: number;
  readonly key: string;
  readonly window_seq: number;
  readonly revision: number;
  readonly opened_at: number;
}
interface RejectedRow {
  readonly project_id: string;
  readonly stream_id: string;
  readonly key: string;
  readonly origin: string;
}

const inputs: SealedTable<InputRow> = {
  name: "job_inputs",
  column: "body",
  keys: ["project_id", "job_id", "part"],
  more: "exists (select from tda.job_inputs n where n.project_id = t.project_id and n.job_id = t.job_id and n.part = t.part + 1)",
  context: (row, more) => inputContext(placeOf(row, more)),
};
const results: SealedTable<ResultRow> = {
  name: "job_results",
  column: "body",
  keys: ["project_id", "job_id", "attempt", "part"],
  more: `exists (select from tda.job_results n
    where n.project_id = t.project_id and n.job_id = t.job_id and n.attempt = t.attempt and n.part = t.part + 1)`,
  context: (row, more) => resultContext(placeOf(row, more), row.attempt),
};
const answers: SealedTable<AnswerRow> = {
  name: "idempotency_keys",
  column: "answer",
  keys: ["project_id", "operation", "key_sha256"],
  more: "false",
  context: (row) => answerContext(row.project_id, row.operation, row.key_sha256),
};
const records: SealedTable<RecordRow> = {
  name: "log_records",
  column: "value",
  keys: ["topic", "partition", "record_offset"],
  more: "false",
  context: (row) => recordContext(row.topic, row.partition, row.record_offset),
};
const states: SealedTable<StateRow> = {
  name: "stream_states",
  column: "state",
  keys: ["log", "partition", "stream_id", "key"],
  more: "false",
  context: (row) => streamStateContext(row.log, row.partition, row.stream_id, row.key),
};

const streamResults: SealedTable<StreamResultRow> = {
  name: "stream_results",
  column: "body",
  keys: ["project_id", "stream_id", "definition_version", "key", "window_seq", "revision", "opened_at"],
  more: "false",
  context: (row) =>
    streamResultContext({
      projectId: row.project_id,
      streamId: row.stream_id,
      version: row.definition_version,
      key: row.key,
      windowSeq: row.window_seq,
      revision: row.revision,
      openedAt: row.opened_at,
    }),
};
const rejectedPoints: SealedTable<RejectedRow> = {
  name: "stream_rejected",
  column: "body",
  keys: ["project_id", "stream_id", "key", "origin"],
  more: "false",
  context: ({ project_id: projectId, stream_id: streamId, key, origin }) =>
    rejectedContext({ projectId, streamId, key, origin }),
};

const batchRows = 1_000;

/**
 * Brings what is sealed under older master keys under the present one; how many rows. Idempotent, any number of servers may do
 * it at once. A row that does not open stays as it is. Only with older keys given is anything read.
 */
export async function renewSealedValues(pool: pg.Pool, sealer: ValueSealer): Promise<number> {
  if (sealer.olderKeyIds.length === 0) return 0;
  return (
    (await renewTable(pool, sealer, inputs)) +
    (await renewTable(pool, sealer, results)) +
    (await renewTable(pool, sealer, answers)) +
    (await renewTable(pool, sealer, records)) +
    (await renewTable(pool, sealer, states)) +
    (await renewTable(pool, sealer, streamResults)) +
    (await renewTable(pool, sealer, rejectedPoints))
  );
}

async function renewTable<Row extends object>(
  pool: pg.Pool,
  sealer: ValueSealer,
  table: SealedTable<Row>,
): Promise<number> {
  const keys = table.keys.join(", ");
  let total = 0;
  for (;;) {
    const { rows } = await pool.query<Row>(
      `select ${keys} from tda.${table.name} where master_key_id = any($1) limit $2`,
      [sealer.olderKeyIds, batchRows],
    );
    let renewed = 0;
    for (const row of rows) renewed += await renewRow(pool, sealer, table, row);
    total += renewed;
    // What does not open would be found again for ever.
    if (rows.length < batchRows || renewed === 0) return total;
  }
}

/** One at a time: a part has up to 8 MiB. */
async function renewRow<Row extends object>(
  pool: pg.Pool,
  sealer: ValueSealer,
  { name, column, keys, more, context }: SealedTable<Row>,
  row: Row,
): Promise<number> {
  const where = keys.map((key, i) => `t.${key} = $${i + 1}`).join(" and ");
  const place = keys.map((key) => row[key]);
  const { rows } = await pool.query<{ sealed: Buffer | null; more: boolean }>(
    `select t.${column} as sealed, ${more} as more from tda.${name} t where ${where}`,
    place,
  );
  const found = rows[0];
  if (found === undefined || found.sealed === null) return 0;
  let renewed: Uint8Array;
  try {
    renewed = sealer.renew(context(row, found.more), found.sealed);
  } catch {
    return 0;
  }
  const n = keys.length;
  const { rowCount } = await pool.query(
    `update tda.${name} t set ${column} = $${n + 1}, master_key_id = $${n + 2} where ${where} and t.${column} = $${n + 3}`,
    [...place, renewed, sealer.masterKeyId, found.sealed],
  );
  return rowCount ?? 0;
}

function placeOf({ project_id: projectId, job_id: jobId, part }: InputRow, more: boolean) {
  return { projectId, jobId, part, isLast: !more };
}
