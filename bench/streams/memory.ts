// Resident memory of each process. Shared pages count in each.
import { processTree, residentBytes } from "../../acceptance/support/processes.ts";
import type { Product } from "../../acceptance/support/product.ts";
import type { Stack } from "../../tools/services/stack/start-stack.ts";

export interface MemoryRow {
  readonly where: string;
  readonly process: string;
  readonly count: number;
  /** Together. */
  readonly bytes: number;
}

export function productMemory(product: Product): MemoryRow[] {
  const server = product.serverPid;
  return grouped(
    "embedded",
    product.tree().flatMap(({ pid, name }) => {
      if (pid === server) return [{ pid, process: "server" }];
      if (name.startsWith("tda-engine-host")) return [{ pid, process: "engine hosts" }];
      return name.startsWith("postgres") ? [{ pid, process: "PostgreSQL" }] : [];
    }),
  );
}

export function stackMemory({ services, flink, servers }: Stack): MemoryRow[] {
  const named = [
    ...servers.map(({ pid }) => ({ pid, process: "server" })),
    ...services.kafka.brokers.map(({ pid }) => ({ pid, process: "Kafka brokers" })),
    { pid: services.registry.pid, process: "schema registry" },
    { pid: services.postgres.pid, process: "PostgreSQL" },
    ...(flink === null ? [] : [{ pid: flink.jobManager.pid, process: "JobManager" }]),
    ...(flink?.taskManagers ?? []).map(({ pid }) => ({ pid, process: "TaskManager" })),
    ...(flink?.zooKeeper ? [{ pid: flink.zooKeeper.pid, process: "ZooKeeper" }] : []),
  ];
  const children = named.flatMap(({ pid, process }) =>
    processTree(pid)
      .filter((entry) => entry.pid !== pid)
      .map((entry) => ({
        pid: entry.pid,
        process: entry.name.startsWith("tda-engine-host") ? `engine hosts of the ${process}` : process,
      })),
  );
  return grouped("Kafka and Flink", [...named, ...children]);
}

function grouped(where: string, found: readonly { readonly pid: number; readonly process: string }[]): MemoryRow[] {
  return [...Map.groupBy(found, ({ process }) => process)].map(([process, entries]) => ({
    where,
    process,
    count: entries.length,
    bytes: entries.reduce((sum, { pid }) => sum + bytesOf(pid), 0),
  }));
}

function bytesOf(pid: number): number {
  try {
    return residentBytes(pid);
  } catch {
    // It has ended.
    return 0;
  }
}
