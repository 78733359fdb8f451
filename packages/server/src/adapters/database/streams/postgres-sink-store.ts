import type { StreamOutput } from "@tda-platform/contract/events/stream-definition";
import type pg from "pg";
import type { ValueSealer } from "../../../domain/ports.ts";
import type { NewRejection, NewResult } from "../../../domain/streams/stream.ts";
import type { SinkBatch, SinkOutcome, SinkPlace, SinkStore } from "../../../domain/streams/stream-store.ts";
import { asAvailable } from "../database-errors.ts";
import { transaction } from "../project-transaction.ts";
import { rejectedContext, streamResultContext } from "../sealed-contexts.ts";
import { insertAlerts } from "./stream-alerts.ts";
import { IDS_OF_NOTIFICATION, STREAM_CHANNELS } from "./stream-outbox.ts";

const firstOffset = `insert into tda.sink_offsets (log, topic, partition, next_offset) values ($1, $2, $3, $4)
  on conflict (log, topic, partition) do nothing`;
const nextOffset = `update tda.sink_offsets set next_offset = $4, updated_at = now()
  where log = $1 and topic = $2 and partition = $3 and next_offset = $5`;

/** In the order of their keys: so no two sinks wait for each other. */
const lockStreams = `select s.project_id, s.id, s.result_position from tda.streams s
  join (select distinct * from unnest($1::text[], $2::text[]) as given (project_id, id)) given using (project_id, id)
  where s.status <> 'deleted' order by s.project_id, s.id for update of s`;

const names = `unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::bigint[], $6::int[], $7::bigint[])
  as given (project_id, stream_id, definition_version, key, window_seq, revision, opened_at)`;
const findResults = `select given.*, r.sha256 from ${names}
  join tda.stream_results r using (project_id, stream_id, definition_version, key, window_seq, revision, opened_at)`;

const insertResults = `insert into tda.stream_results (project_id, stream_id, definition_version, key, window_seq, revision,
    opened_at, id, position, window_start, window_end, superseded_by, sha256, body, master_key_id)
  select *, $15 from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::bigint[], $6::int[], $7::bigint[], $8::text[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bytea[])`;

const movePositions = `update tda.streams s set result_position = given.position
  from unnest($1::text[], $2::text[], $3::bigint[]) as given (project_id, id, position)
  where s.project_id = given.project_id and s.id = given.id`;

const insertRejected = `insert into tda.stream_rejected (project_id, stream_id, key, origin, id, definition_version, reason, code, t,
    received_at, body, master_key_id)
  select project_id, stream_id, key, origin, id, definition_version, reason, code, t, to_timestamp(received_at::float8 / 1000), body, $12
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::bigint[],
    $10::bigint[], $11::bytea[])
    as given (project_id, stream_id, key, origin, id, definition_version, reason, code, t, received_at, body)
  on conflict (project_id, stream_id, key, origin) do nothing returning stream_id`;

interface Locked {
  readonly projectId: string;
  readonly id: string;
  position: number;
}

/** Stores what the log's topics `results` and `rejected` hold, through connections of the system's role. */
export class PostgresSinkStore implements SinkStore {
  readonly #pool: pg.Pool;
  readonly #sealer: ValueSealer;

  constructor(pool: pg.Pool, sealer: ValueSealer) {
    this.#pool = pool;
    this.#sealer = sealer;
  }

  async next({ log, topic, partition }: SinkPlace): Promise<number | null> {
    const text = "select next_offset from tda.sink_offsets where log = $1 and topic = $2 and partition = $3";
    const { rows } = await asAvailable(() => this.#pool.query<{ next_offset: number }>(text, [log, topic, partition]));
    return rows[0]?.next_offset ?? null;
  }

  async outputs(projectId: string, streamId: string, version: number): Promise<readonly StreamOutput[]> {
    const text = `select definition -> 'outputs' as outputs from tda.stream_definitions
      where project_id = $1 and stream_id = $2 and version = $3`;
    const { rows } = await asAvailable(() =>
      this.#pool.query<{ outputs: StreamOutput[] }>(text, [projectId, streamId, version]),
    );
    return rows[0]?.outputs ?? [];
  }

  async store(batch: SinkBatch): Promise<SinkOutcome | null> {
    return await transaction(this.#pool, async (client) => {
      if (!(await moveOffset(client, batch))) return null;
      const rejections = await withProjects(client, batch.rejections);
      const streams = await lock(client, [...batch.results, ...rejections]);
      const found = await this.#storeResults(client, batch.results.filter(isOf(streams)), streams);
      const rejected = await this.#storeRejections(client, rejections.filter(isOf(streams)));
      const streamIds = new Set([...found.streamIds, ...rejected]);
      return { stored: found.stored, divergent: found.divergent, streamIds: [...streamIds] };
    });
  }

  async notify(streamIds: readonly string[]): Promise<void> {
    for (let from = 0; from < streamIds.length; from += IDS_OF_NOTIFICATION) {
      const ids = streamIds.slice(from, from + IDS_OF_NOTIFICATION).join(",");
      const text = `select pg_notify('${STREAM_CHANNELS.results}', $1)`;
      await asAvailable(() => this.#pool.query({ name: "notify-stream-results", text, values: [ids] }));
    }
  }

  /** The first under a name stays; positions ascend in the order of the commits, for the stream's row is locked. */
  async #storeResults(
    client: pg.PoolClient,
    results: readonly NewResult[],
    streams: ReadonlyMap<string, Locked>,
  ): Promise<SinkOutcome> {
    if (results.length === 0) return { stored: 0, divergent: 0, streamIds: [] };
    const known = await findKnown(client, results);
    const fresh: (NewResult & { readonly position: number })[] = [];
    let divergent = 0;
    for (const result of results) {
      const name = nameOf(result);
      const sha256 = known.get(name);
      if (sha256 === undefined) {
        known.set(name, result.sha256);
        fresh.push({ ...result, position: ++streams.get(placeOf(result))!.position });
      } else if (Buffer.compare(sha256, result.sha256) !== 0) divergent++;
    }
    if (fresh.length > 0) {
      await client.query({ name: "sink-results", text: insertResults, values: this.#resultValues(fresh) });
      const moved = [...new Set(fresh.map((result) => streams.get(placeOf(result))!))];
      const positions = [moved.map((s) => s.projectId), moved.map((s) => s.id), moved.map((s) => s.position)];
      await client.query({ name: "sink-positions", text: movePositions, values: positions });
      await insertAlerts(client, fresh);
    }
    return { stored: fresh.length, divergent, streamIds: [...new Set(fresh.map(({ streamId }) => streamId))] };
  }

  #resultValues(fresh: readonly (NewResult & { readonly position: number })[]): unknown[] {
    return [
      ...namesOf(fresh),
      fresh.map(({ id }) => id),
      fresh.map(({ position }) => position),
      fresh.map(({ windowStart }) => windowStart),
      fresh.map(({ windowEnd }) => windowEnd),
      fresh.map(({ supersededBy }) => supersededBy),
      fresh.map(({ sha256 }) => sha256),
      fresh.map((result) => this.#sealer.seal(streamResultContext(result), result.body)),
      this.#sealer.masterKeyId,
    ];
  }

  async #storeRejections(client: pg.PoolClient, rejections: readonly NewRejection[]): Promise<readonly string[]> {
    if (rejections.length === 0) return [];
    const bodies = rejections.map((one) => {
      const { detail, v, raw } = one;
      const body = { detail, v, raw: raw === null ? null : Buffer.from(raw).toString("base64") };
      return this.#sealer.seal(rejectedContext(one), Buffer.from(JSON.stringify(body)));
    });
    const values = [
      rejections.map(({ projectId }) => projectId),
      rejections.map(({ streamId }) => streamId),
      rejections.map(({ key }) => key),
      rejections.map(({ origin }) => origin),
      rejections.map(({ id }) => id),
      rejections.map(({ version }) => version),
      rejections.map(({ reason }) => reason),
      rejections.map(({ code }) => code),
      rejections.map(({ t }) => t),
      rejections.map(({ receivedAt }) => receivedAt),
      bodies,
      this.#sealer.masterKeyId,
    ];
    const query = { name: "sink-rejected", text: insertRejected, values };
    return (await client.query<{ stream_id: string }>(query)).rows.map(({ stream_id }) => stream_id);
  }
}

async function moveOffset(client: pg.PoolClient, batch: SinkBatch): Promise<boolean> {
  const { log, topic, partition, from, next } = batch;
  const place = [log, topic, partition, next];
  const query =
    from === null
      ? { name: "sink-first-offset", text: firstOffset, values: place }
      : { name: "sink-next-offset", text: nextOffset, values: [...place, from] };
  return (await client.query(query)).rowCount === 1;
}

/** Of a record that could not be read the project is not known, but that of its stream, by the record's key. */
async function withProjects(
  client: pg.PoolClient,
  rejections: readonly NewRejection[],
): Promise<readonly NewRejection[]> {
  const unknown = [...new Set(rejections.filter(({ projectId }) => projectId === "").map(({ streamId }) => streamId))];
  if (unknown.length === 0) return rejections;
  const { rows } = await client.query<{ id: string; project_id: string }>(
    "select id, project_id from tda.streams where id = any($1)",
    [unknown],
  );
  const projects = new Map(rows.map(({ id, project_id }) => [id, project_id]));
  return rejections.map((one) =>
    one.projectId === "" ? { ...one, projectId: projects.get(one.streamId) ?? "" } : one,
  );
}

async function lock(
  client: pg.PoolClient,
  items: readonly { readonly projectId: string; readonly streamId: string }[],
): Promise<Map<string, Locked>> {
  const wanted = new Map(items.map((item) => [placeOf(item), item]));
  if (wanted.size === 0) return new Map();
  const values = [
    [...wanted.values()].map(({ projectId }) => projectId),
    [...wanted.values()].map(({ streamId }) => streamId),
  ];
  const { rows } = await client.query<{ project_id: string; id: string; result_position: number }>({
    name: "sink-lock-streams",
    text: lockStreams,
    values,
  });
  return new Map(
    rows.map(({ project_id: projectId, id, result_position: position }) => [
      placeOf({ projectId, streamId: id }),
      { projectId, id, position },
    ]),
  );
}

async function findKnown(client: pg.PoolClient, results: readonly NewResult[]): Promise<Map<string, Uint8Array>> {
  const { rows } = await client.query<{
    project_id: string;
    stream_id: string;
    definition_version: number;
    key: string;
    window_seq: number;
    revision: number;
    opened_at: number;
    sha256: Buffer;
  }>({ name: "sink-known-results", text: findResults, values: namesOf(results) });
  return new Map(
    rows.map((row) => [
      nameOf({
        projectId: row.project_id,
        streamId: row.stream_id,
        version: row.definition_version,
        key: row.key,
        windowSeq: row.window_seq,
        revision: row.revision,
        openedAt: row.opened_at,
      }),
      row.sha256,
    ]),
  );
}

type ResultName = Pick<NewResult, "projectId" | "streamId" | "version" | "key" | "windowSeq" | "revision" | "openedAt">;

/** The key comes last: it may hold any character. */
function nameOf({ projectId, streamId, version, key, windowSeq, revision, openedAt }: ResultName): string {
  return `${projectId}\n${streamId}\n${version}\n${windowSeq}\n${revision}\n${openedAt}\n${key}`;
}

function namesOf(results: readonly ResultName[]): unknown[] {
  return [
    results.map(({ projectId }) => projectId),
    results.map(({ streamId }) => streamId),
    results.map(({ version }) => version),
    results.map(({ key }) => key),
    results.map(({ windowSeq }) => windowSeq),
    results.map(({ revision }) => revision),
    results.map(({ openedAt }) => openedAt),
  ];
}

function placeOf({ projectId, streamId }: { readonly projectId: string; readonly streamId: string }): string {
  return `${projectId}\n${streamId}`;
}

/** A stream that was deleted keeps nothing. */
function isOf(streams: ReadonlyMap<string, Locked>) {
  return (item: { readonly projectId: string; readonly streamId: string }) => streams.has(placeOf(item));
}
