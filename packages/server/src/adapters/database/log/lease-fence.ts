import type pg from "pg";
import { LeaseLost, type PartitionLease } from "../../../domain/log/partition-leases.ts";

/** In the order in which they are renewed; the lock lets nobody take them before the transaction ends. */
const fenceText = `select count(*)::int as held from (
    select from tda.partition_leases l join (select distinct * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) as given (group_name, topic, partition, epoch)) f
      on l.group_name = f.group_name and l.topic = f.topic and l.partition = f.partition and l.epoch = f.epoch
    order by l.group_name, l.topic, l.partition for share of l
  ) locked`;

/** Lets the present transaction go on while these leases are the newest of their partitions. @throws LeaseLost */
export async function requireLeases(client: pg.ClientBase, leases: readonly PartitionLease[]): Promise<void> {
  if (leases.length === 0) return;
  const wanted = new Set(leases.map(({ group, topic, partition, epoch }) => `${group}/${topic}/${partition}/${epoch}`));
  const { rows } = await client.query<{ held: number }>({
    name: "lease-fence",
    text: fenceText,
    values: [
      leases.map(({ group }) => group),
      leases.map(({ topic }) => topic),
      leases.map(({ partition }) => partition),
      leases.map(({ epoch }) => epoch),
    ],
  });
  if (rows[0]?.held !== wanted.size) throw new LeaseLost("Another process has a partition that was written to.");
}
