import type pg from "pg";
import type { Beat, BeatAnswer, LeaseStore, PartitionLease } from "../../../domain/log/partition-leases.ts";
import { asAvailable } from "../database-errors.ts";
import type { DatabaseListener } from "../database-listener.ts";
import { transaction } from "../project-transaction.ts";
import { requireLeases } from "./lease-fence.ts";

const LEASE_CHANNEL = "tda_leases";

const arriveText = `with arrived as (
    insert into tda.lease_members (group_name, topic, member, expires_at)
    values ($1, $2, $3, now() + make_interval(secs => $4::float8 / 1000))
    on conflict (group_name, topic, member) do update set expires_at = excluded.expires_at returning xmax = 0 as is_new
  ), gone as (
    delete from tda.lease_members where expires_at < now() - interval '1 minute' and group_name = $1 and topic = $2 and member <> $3
  ), told as (select pg_notify('${LEASE_CHANNEL}', '') from arrived where is_new)
  select is_new, (select count(*) from told) from arrived`;

const ensureText = `insert into tda.partition_leases (group_name, topic, partition)
  select $1, $2, generate_series(0, $3::int - 1) on conflict do nothing`;

/** All rows are locked in the order in which fences lock them. */
const renewText = `with own as (
    select partition from tda.partition_leases where group_name = $1 and topic = $2 and owner = $3 order by partition for update
  )
  update tda.partition_leases l set expires_at = now() + make_interval(secs => $4::float8 / 1000) from own
  where l.group_name = $1 and l.topic = $2 and l.partition = own.partition returning l.partition, l.epoch`;

/** What a transaction writes under is not free before its end. */
const takeText = `with free as (
    select partition from tda.partition_leases
    where group_name = $1 and topic = $2 and partition < $6 and (owner is null or (owner <> $3 and expires_at <= now()))
    order by partition limit $5 for update skip locked
  )
  update tda.partition_leases l set owner = $3, epoch = l.epoch + 1, expires_at = now() + make_interval(secs => $4::float8 / 1000)
  from free where l.group_name = $1 and l.topic = $2 and l.partition = free.partition returning l.partition, l.epoch`;

const membersText =
  "select count(*)::int as members from tda.lease_members where group_name = $1 and topic = $2 and expires_at > now()";

const releaseText = `with given as (
    select * from unnest($2::text[], $3::text[], $4::int[], $5::bigint[]) as given (group_name, topic, partition, epoch)
  ), released as (
    update tda.partition_leases l set owner = null, expires_at = now() from given
    where l.group_name = given.group_name and l.topic = given.topic and l.partition = given.partition
      and l.epoch = given.epoch and l.owner = $1 returning l.partition
  )
  select pg_notify('${LEASE_CHANNEL}', '') from released limit 1`;

const leaveText = `with left_behind as (
    delete from tda.lease_members where group_name = $1 and topic = $2 and member = $3 returning member
  )
  select pg_notify('${LEASE_CHANNEL}', '') from left_behind`;

interface LeaseRow {
  readonly partition: number;
  readonly epoch: number;
}

/** Leases by the clock of the database, through connections of the system's role. */
export class PostgresLeaseStore implements LeaseStore {
  readonly #pool: pg.Pool;
  readonly #listener: Pick<DatabaseListener, "on">;

  constructor(pool: pg.Pool, listener: Pick<DatabaseListener, "on">) {
    this.#pool = pool;
    this.#listener = listener;
  }

  async beat({ group, topic, partitions, member, ttlMs }: Beat): Promise<BeatAnswer> {
    return await transaction(this.#pool, async (client) => {
      const arrived = await client.query<{ is_new: boolean }>({
        name: "lease-arrive",
        text: arriveText,
        values: [group, topic, member, ttlMs],
      });
      if (arrived.rows[0]?.is_new === true) await client.query(ensureText, [group, topic, partitions]);
      const { rows } = await client.query<{ members: number }>({
        name: "lease-members",
        text: membersText,
        values: [group, topic],
      });
      const share = Math.ceil(partitions / Math.max(1, rows[0]?.members ?? 1));
      const renewed = await client.query<LeaseRow>({
        name: "lease-renew",
        text: renewText,
        values: [group, topic, member, ttlMs],
      });
      const wanted = share - renewed.rows.length;
      const taken =
        wanted > 0
          ? await client.query<LeaseRow>({
              name: "lease-take",
              text: takeText,
              values: [group, topic, member, ttlMs, wanted, partitions],
            })
          : { rows: [] };
      const held = [...renewed.rows, ...taken.rows]
        .map(({ partition, epoch }) => ({ group, topic, partition, epoch }))
        .sort((a, b) => a.partition - b.partition);
      return { held, share };
    });
  }

  async release(member: string, leases: readonly PartitionLease[]): Promise<void> {
    if (leases.length === 0) return;
    await asAvailable(() =>
      this.#pool.query(releaseText, [
        member,
        leases.map(({ group }) => group),
        leases.map(({ topic }) => topic),
        leases.map(({ partition }) => partition),
        leases.map(({ epoch }) => epoch),
      ]),
    );
  }

  async require(leases: readonly PartitionLease[]): Promise<void> {
    await transaction(this.#pool, (client) => requireLeases(client, leases));
  }

  async leave(group: string, topic: string, member: string): Promise<void> {
    await asAvailable(() => this.#pool.query(leaveText, [group, topic, member]));
  }

  onChange(listener: () => void): () => void {
    return this.#listener.on(LEASE_CHANNEL, () => listener());
  }
}
