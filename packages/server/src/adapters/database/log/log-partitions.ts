import { TOPICS } from "@tda-platform/contract/events/topics";
import type pg from "pg";

/**
 * Makes the partitions of topics that have none. A topic that is there keeps its number, whatever the release says: keys stay
 * in their partitions. Call it under the start lock, as the owner.
 */
export async function ensureLogPartitions(client: pg.ClientBase): Promise<void> {
  const topics = Object.entries(TOPICS);
  await client.query(
    `insert into tda.log_partitions (topic, partition)
     select topic, generate_series(0, partitions - 1) from unnest($1::text[], $2::int[]) as given (topic, partitions)
     where not exists (select from tda.log_partitions p where p.topic = given.topic)`,
    [topics.map(([name]) => name), topics.map(([, { partitions }]) => partitions)],
  );
}
