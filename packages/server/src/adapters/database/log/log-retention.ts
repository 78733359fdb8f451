import { TOPICS, type TopicDefinition } from "@tda-platform/contract/events/topics";
import type pg from "pg";
import type { Logger } from "../../../internal/logger.ts";
import { periodically } from "../../../internal/periodically.ts";
import { deleteInBatches } from "../delete-in-batches.ts";

const batchRows = 2_000;
const hourly = { firstMs: 75_000, everyMs: 3_600_000, complaint: "old records of the log could not be deleted" };
/** As long as Kafka keeps them: a reader from the beginning that takes longer may miss a deletion. */
const tombstoneHours = 24;

/** The oldest records of a partition up to the first that is kept; what is before its first offset afterwards is gone. */
const expireText = `with oldest as (
    select record_offset, created_at from tda.log_records where topic = $2 and partition = $3 order by record_offset limit $1
  ), kept as (
    select min(record_offset) as first from oldest where created_at >= now() - make_interval(days => $4)
  ), gone as (
    delete from tda.log_records r using oldest, kept
    where r.topic = $2 and r.partition = $3 and r.record_offset = oldest.record_offset
      and (kept.first is null or oldest.record_offset < kept.first)
    returning r.record_offset
  ), moved as (
    update tda.log_partitions p set first_offset = greatest(p.first_offset, (select max(record_offset) + 1 from gone))
    where p.topic = $2 and p.partition = $3 and exists (select from gone)
  )
  select from gone`;

/** Of each key all but the newest record, and tombstones that have been there for long. */
const compactText = `delete from tda.log_records r where r.topic = $2 and (r.partition, r.record_offset) in (
    select o.partition, o.record_offset from tda.log_records o where o.topic = $2 and (
      exists (select from tda.log_records n where n.topic = $2 and n.key = o.key and n.partition = o.partition and n.record_offset > o.record_offset)
      or (o.value is null and o.created_at < now() - make_interval(hours => $3))
    ) limit $1)`;

/** Deletes what topics no longer keep; how many records. Any number of servers may do it at once. */
export async function deleteOldRecords(
  pool: pg.Pool,
  topics: Readonly<Record<string, TopicDefinition>> = TOPICS,
): Promise<number> {
  let deleted = 0;
  for (const [topic, { isCompacted, retentionDays }] of Object.entries(topics)) {
    if (isCompacted) deleted += await deleteInBatches(pool, compactText, batchRows, [topic, tombstoneHours]);
    if (retentionDays === null) continue;
    const text = "select partition from tda.log_partitions where topic = $1 order by partition";
    const { rows } = await pool.query<{ partition: number }>(text, [topic]);
    for (const { partition } of rows) {
      deleted += await deleteInBatches(pool, expireText, batchRows, [topic, partition, retentionDays]);
    }
  }
  return deleted;
}

/** Keeps the log bounded, hourly, until the signal. */
export function keepLogBounded(pool: pg.Pool, logger: Logger, signal: AbortSignal): Promise<void> {
  return periodically(hourly, logger, signal, async () => {
    const deleted = await deleteOldRecords(pool);
    if (deleted > 0) logger.info({ deleted }, "old records of the log deleted");
  });
}
