import { type ChildProcess, fork } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { TestBed, until } from "../../../../test/support/test-bed.ts";
import { SharedLeases } from "../../../domain/log/lease-membership.ts";
import type { LeaseMembership, PartitionLease } from "../../../domain/log/partition-leases.ts";
import { silent } from "../testing/records.ts";
import type { HolderStart } from "./testing/lease-holder.ts";

const times = { ttlMs: 1_500, beatMs: 200 };
let bed: TestBed;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(async () => {
  for (const process of processes.splice(0)) process.kill("SIGKILL");
  for (const table of ["partition_leases", "lease_members", "log_records"]) await bed.rows(`delete from tda.${table}`);
});
afterAll(() => bed.end());

function start(name: string): ChildProcess {
  const child = fork(new URL("./testing/lease-holder.ts", import.meta.url), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  processes.push(child);
  child.send({ name, connection: bed.database.shared.access.application, ...times } satisfies HolderStart);
  return child;
}

/** Partitions of each process that wrote in the last moments. */
async function owners(): Promise<Readonly<Record<string, number>>> {
  const rows = await bed.rows<{ name: string; partitions: number }>(
    `select split_part(key, '/', 3) as name, count(distinct split_part(key, '/', 1))::int as partitions
     from tda.log_records where created_at > now() - interval '300 ms' group by 1`,
  );
  return Object.fromEntries(rows.map(({ name, partitions }) => [name, partitions]));
}

it("shares partitions evenly, and lets a process that was frozen past its lease write nothing more under it", async () => {
  const frozen = start("frozen");
  await until(async () => (await owners()).frozen === 4);
  start("other");
  await until(async () => {
    const seen = await owners();
    return seen.frozen === 2 && seen.other === 2;
  });
  const fenced: unknown[] = [];
  frozen.on("message", (message) => fenced.push(message));
  frozen.kill("SIGSTOP");
  await until(async () => (await owners()).other === 4);
  frozen.kill("SIGCONT");
  // It comes back, and gets its share again under new epochs.
  await until(async () => {
    const seen = await owners();
    return seen.frozen === 2 && seen.other === 2;
  });
  const rows = await bed.rows<{ key: string }>("select key from tda.log_records order by record_offset");
  const epochs = new Map<string, number>();
  for (const { key } of rows) {
    const [partition, epoch] = key.split("/") as [string, string];
    expect(Number(epoch), `${key} after epoch ${epochs.get(partition)}`).toBeGreaterThanOrEqual(
      epochs.get(partition) ?? 0,
    );
    epochs.set(partition, Number(epoch));
  }
  expect([...epochs.values()].some((epoch) => epoch >= 3)).toBe(true);
  // An epoch has one writer.
  expect(new Set(rows.map(({ key }) => key)).size).toBe(
    new Set(rows.map(({ key }) => key.split("/").slice(0, 2).join("/"))).size,
  );
});

it("hands everything over when a process stops in order", async () => {
  const first = start("first");
  start("second");
  await until(async () => {
    const seen = await owners();
    return seen.first === 2 && seen.second === 2;
  });
  const exited = new Promise((resolve) => first.once("exit", resolve));
  first.send("stop");
  expect(await exited).toBe(0);
  expect(await bed.rows("select from tda.partition_leases where owner is null and expires_at > now()")).toEqual([]);
  await until(async () => (await owners()).second === 4);
});

it("ends work before it gives a partition back, and begins work again that failed", async () => {
  const leases = new SharedLeases(bed.database.leases, silent, { ttlMs: 5_000, beatMs: 100 });
  const running = new Set<number>();
  let failures = 0;
  let isTwice = false;
  const work = async ({ partition }: PartitionLease, signal: AbortSignal): Promise<void> => {
    if (running.has(partition)) isTwice = true;
    running.add(partition);
    if (failures++ === 0) {
      running.delete(partition);
      throw new Error("the first one fails");
    }
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    running.delete(partition);
  };
  const options = { group: "work", topic: "t", partitions: 3, work };
  const members: LeaseMembership[] = [leases.join(options)];
  await until(() => running.size === 3);
  expect(members[0]!.held.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  members.push(leases.join(options));
  await until(() => members[1]!.held.length === 1 && members[0]!.held.length === 2 && running.size === 3);
  const [lease] = members[1]!.held;
  expect([members[1]!.isHeld(lease!), members[0]!.isHeld(lease!)]).toEqual([true, false]);
  await members[0]!.close();
  expect(members[0]!.held).toEqual([]);
  await until(() => members[1]!.held.length === 3 && running.size === 3);
  await members[1]!.close();
  expect([running.size, isTwice]).toEqual([0, false]);
  expect(await bed.rows("select from tda.lease_members")).toEqual([]);
});
