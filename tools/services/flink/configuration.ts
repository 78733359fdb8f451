import { pathToFileURL } from "node:url";

interface FlinkFolders {
  readonly checkpoints: string;
  readonly savepoints: string;
  readonly uploads: string;
  /** What a new JobManager takes up its predecessor's jobs from. */
  readonly recovery: string;
}

interface Cluster {
  readonly folders: FlinkFolders;
  readonly restPort: number;
  readonly rpcPort: number;
  readonly slots: number;
  readonly taskHeapMb: number;
  readonly zooKeeperPort: number | null;
  readonly settings: Readonly<Record<string, string>>;
}

/** Of a TaskManager, besides the heap of its tasks. */
const memoryMb = {
  frameworkHeap: 64,
  frameworkOffHeap: 64,
  network: 32,
  managedPerSlot: 48,
  metaspace: 160,
  overhead: 64,
};

/** What Flink opens to reflection on Java 17 and newer. */
export const javaModules = [
  "--add-exports=java.management/sun.management=ALL-UNNAMED",
  "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
  "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
  ...["lang", "net", "io", "nio", "lang.reflect", "text", "time", "util", "util.concurrent"].map(
    (name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`,
  ),
  ...["atomic", "locks"].map((name) => `--add-opens=java.base/java.util.concurrent.${name}=ALL-UNNAMED`),
  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
];

/** Heap of a TaskManager, and what else bounds its memory. */
export function taskManagerMachine(taskHeapMb: number): { heapMb: number; options: readonly string[] } {
  const { frameworkHeap, frameworkOffHeap, network, metaspace } = memoryMb;
  return {
    heapMb: frameworkHeap + taskHeapMb,
    options: [
      `-XX:MaxDirectMemorySize=${frameworkOffHeap + network}m`,
      `-XX:MaxMetaspaceSize=${metaspace}m`,
      ...javaModules,
    ],
  };
}

/** `config.yaml` of all processes of a cluster. */
export function flinkConfiguration(cluster: Cluster): string {
  const { folders, restPort, rpcPort, slots, taskHeapMb, zooKeeperPort, settings } = cluster;
  const url = (folder: string) => pathToFileURL(folder).href;
  const all: Record<string, string> = {
    "jobmanager.rpc.address": "127.0.0.1",
    "jobmanager.rpc.port": String(rpcPort),
    "jobmanager.bind-host": "127.0.0.1",
    "rest.address": "127.0.0.1",
    "rest.bind-address": "127.0.0.1",
    "rest.port": String(restPort),
    "taskmanager.host": "127.0.0.1",
    "taskmanager.bind-host": "127.0.0.1",
    "web.submit.enable": "true",
    "web.cancel.enable": "true",
    "web.upload.dir": folders.uploads,

    "taskmanager.numberOfTaskSlots": String(slots),
    "taskmanager.cpu.cores": String(slots),
    "taskmanager.memory.framework.heap.size": `${memoryMb.frameworkHeap}m`,
    "taskmanager.memory.task.heap.size": `${taskHeapMb}m`,
    "taskmanager.memory.framework.off-heap.size": `${memoryMb.frameworkOffHeap}m`,
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.network.min": `${memoryMb.network}m`,
    "taskmanager.memory.network.max": `${memoryMb.network}m`,
    "taskmanager.memory.managed.size": `${memoryMb.managedPerSlot * slots}m`,
    "taskmanager.memory.jvm-metaspace.size": `${memoryMb.metaspace}m`,
    "taskmanager.memory.jvm-overhead.min": `${memoryMb.overhead}m`,
    "taskmanager.memory.jvm-overhead.max": `${memoryMb.overhead}m`,

    "state.backend.type": "rocksdb",
    "execution.checkpointing.incremental": "true",
    "execution.checkpointing.interval": "2 s",
    "execution.checkpointing.dir": url(folders.checkpoints),
    "execution.checkpointing.savepoint-dir": url(folders.savepoints),
    "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    // Without slots an attempt fails about once a second: it goes on until a TaskManager is back.
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "2147483647",
    "restart-strategy.fixed-delay.delay": "1 s",
    // A frozen process is given up after 10 s, not 50.
    "heartbeat.interval": "2 s",
    "heartbeat.timeout": "10 s",

    "metrics.reporters": "prometheus",
    "metrics.reporter.prometheus.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
    ...(zooKeeperPort !== null && {
      "high-availability.type": "zookeeper",
      "high-availability.zookeeper.quorum": `127.0.0.1:${zooKeeperPort}`,
      "high-availability.zookeeper.client.session-timeout": "4 s",
      "high-availability.zookeeper.client.connection-timeout": "4 s",
      "zookeeper.sasl.disable": "true",
      "high-availability.storageDir": url(folders.recovery),
    }),
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join("");
}
