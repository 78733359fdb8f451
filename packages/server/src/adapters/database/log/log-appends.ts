import type pg from "pg";
import type { LogMessage, LogPosition } from "../../../domain/log/event-log.ts";
import type { PartitionLease } from "../../../domain/log/partition-leases.ts";
import { projectOf } from "../../../domain/log/record-project.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { transaction } from "../project-transaction.ts";
import { recordContext } from "../sealed-contexts.ts";
import { requireLeases } from "./lease-fence.ts";
import { LOG_CHANNEL, placeOf } from "./log-wake.ts";

/** What one caller appends. */
export interface Append {
  readonly messages: readonly PlacedMessage[];
  readonly fences: readonly PartitionLease[];
}

export interface PlacedMessage extends LogMessage {
  readonly partition: number;
}

/** Partitions are locked in their order, so that no two writers wait for each other. Readers are told, at the commit. */
const assignText = `with wanted as (
    select * from unnest($1::text[], $2::int[], $3::int[]) as given (topic, partition, records)
  ), locked as (
    select p.topic, p.partition, p.next_offset, wanted.records
    from tda.log_partitions p join wanted on p.topic = wanted.topic and p.partition = wanted.partition
    order by p.topic, p.partition for update of p
  )
  update tda.log_partitions p set next_offset = locked.next_offset + locked.records from locked
  where p.topic = locked.topic and p.partition = locked.partition
  returning p.topic, p.partition, locked.next_offset as first, (select pg_notify($4, $5))`;

/**
 * The values come as one, with their ends: as an array of their own each would be sent as text. One time for all, taken when
 * the partitions are locked: it does not go back within one.
 */
const insertText = `insert into tda.log_records (topic, partition, record_offset, key, project_id, headers, value, master_key_id, created_at)
  select topic, partition, record_offset, key, project_id, headers,
    case when size >= 0 then substring($8::bytea from start for size) end, case when size >= 0 then $9::text end, clock.now
  from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::json[], $7::int[], $10::int[])
    as given (topic, partition, record_offset, key, project_id, headers, start, size), (select clock_timestamp() as now) clock`;

interface Assigned {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
}

/** Appends of several callers in one transaction. @throws LeaseLost, RangeError for a partition that is not there */
export async function writeAppends(
  pool: pg.Pool,
  sealer: ValueSealer,
  appends: readonly Append[],
): Promise<readonly (readonly LogPosition[])[]> {
  return await transaction(pool, async (client) => {
    await requireLeases(
      client,
      appends.flatMap(({ fences }) => fences),
    );
    const messages = appends.flatMap((append) => append.messages);
    const next = await assignOffsets(client, messages);
    const positions = messages.map(({ topic, partition }) => {
      const place = placeOf(topic, partition);
      const offset = next.get(place)!;
      next.set(place, offset + 1);
      return { partition, offset };
    });
    await insert(client, sealer, messages, positions);
    const left = positions.values();
    return appends.map((append) => left.take(append.messages.length).toArray());
  });
}

/** The first offset of each partition's messages; the partitions are locked until the transaction ends. */
async function assignOffsets(client: pg.ClientBase, messages: readonly PlacedMessage[]): Promise<Map<string, number>> {
  const ofPartitions = [...Map.groupBy(messages, ({ topic, partition }) => placeOf(topic, partition)).values()];
  const { rows } = await client.query<Assigned>({
    name: "log-assign",
    text: assignText,
    values: [
      ofPartitions.map(([message]) => message!.topic),
      ofPartitions.map(([message]) => message!.partition),
      ofPartitions.map(({ length }) => length),
      LOG_CHANNEL,
      ofPartitions.map(([message]) => placeOf(message!.topic, message!.partition)).join(","),
    ],
  });
  if (rows.length < ofPartitions.length) throw new RangeError("the log has no such partition");
  return new Map(rows.map(({ topic, partition, first }) => [placeOf(topic, partition), first]));
}

async function insert(
  client: pg.ClientBase,
  sealer: ValueSealer,
  messages: readonly PlacedMessage[],
  positions: readonly LogPosition[],
): Promise<void> {
  const sealed = messages.map(({ topic, value }, at) => {
    const { partition, offset } = positions[at]!;
    return value === null ? null : sealer.seal(recordContext(topic, partition, offset), value);
  });
  let end = 1;
  const starts = sealed.map((value) => {
    const start = end;
    end += value?.length ?? 0;
    return start;
  });
  await client.query({
    name: "log-insert",
    text: insertText,
    values: [
      messages.map(({ topic }) => topic),
      messages.map(({ partition }) => partition),
      positions.map(({ offset }) => offset),
      messages.map(({ key }) => key),
      messages.map(({ value }) => projectOf(value)),
      messages.map(({ headers }) => JSON.stringify(headers)),
      starts,
      Buffer.concat(sealed.filter((value) => value !== null)),
      sealer.masterKeyId,
      sealed.map((value) => value?.length ?? -1),
    ],
  });
}
