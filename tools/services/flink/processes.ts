import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { jarsOf, javaProgram } from "../java/java-program.ts";
import { ServerProcess } from "../server-process.ts";
import type { Program, Supervisor } from "../supervisor.ts";
import type { FlinkClient } from "./client.ts";
import { javaModules, taskManagerMachine } from "./configuration.ts";

export interface FlinkInstallation {
  /** A Java home. */
  readonly java: string;
  /** Has the jars in `lib`. */
  readonly folder: string;
  /** Has config.yaml, log4j2.properties and zoo.cfg. */
  readonly configuration: string;
}

interface Process {
  readonly name: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly heapMb: number;
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const jobManagerHeapMb = 192;
const zooKeeperHeapMb = 48;

function program({ java, folder, configuration }: FlinkInstallation, { name, ...process }: Process): Program {
  return javaProgram({
    ...process,
    java,
    classPath: jarsOf(join(folder, "lib")),
    options: [`-Dlog4j2.configurationFile=${join(configuration, "log4j2.properties")}`, ...(process.options ?? [])],
    folder: configuration,
    logFile: join(configuration, `${name}.log`),
  });
}

/** Settings of one process beside those of the cluster. */
function dynamic(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-D", `${name}=${value}`]);
}

/** Its port is that of the REST interface. Without a ZooKeeper it knows nothing of earlier jobs after a restart. */
export class JobManager extends ServerProcess {
  readonly metricsPort: number;

  constructor(
    supervisor: Supervisor,
    installation: FlinkInstallation,
    ports: { readonly rest: number; readonly metrics: number },
    client: FlinkClient,
  ) {
    const settings = { "metrics.reporter.prometheus.port": ports.metrics };
    super(supervisor, {
      name: "flink-job-manager",
      program: () =>
        program(installation, {
          name: "job-manager",
          mainClass: "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
          args: ["--configDir", installation.configuration, ...dynamic(settings)],
          heapMb: jobManagerHeapMb,
          options: javaModules,
        }),
      // Answered by the one that leads, not before.
      isReady: async () => Array.isArray(await client.taskManagerIds()),
      stopSignal: "SIGTERM",
    });
    this.metricsPort = ports.metrics;
  }

  start(port: number): Promise<void> {
    return this.startOn(port);
  }
}

/** Its port is that of its metrics. Programs that its tasks started end, freeze and go on with it. */
export class TaskManager extends ServerProcess {
  constructor(
    supervisor: Supervisor,
    installation: FlinkInstallation,
    client: FlinkClient,
    options: { readonly number: number; readonly taskHeapMb: number; readonly env: Readonly<Record<string, string>> },
  ) {
    const { number, taskHeapMb, env } = options;
    const name = `task-manager-${number}`;
    // Each life has an id of its own: the JobManager may still know the one before.
    let life = 0;
    const id = () => `${name}-${life}`;
    super(supervisor, {
      name: `flink-${name}`,
      program: (port) => {
        life += 1;
        const settings = { "taskmanager.resource-id": id(), "metrics.reporter.prometheus.port": port };
        return program(installation, {
          name,
          mainClass: "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
          args: ["--configDir", installation.configuration, ...dynamic(settings)],
          ...taskManagerMachine(taskHeapMb),
          env,
        });
      },
      isReady: async () => (await client.taskManagerIds()).includes(id()),
      stopSignal: "SIGTERM",
    });
  }

  start(): Promise<void> {
    return this.startUp();
  }
}

/** What a JobManager writes down in it is there after `kill` and `restart`. */
export class ZooKeeper extends ServerProcess {
  constructor(supervisor: Supervisor, installation: FlinkInstallation) {
    super(supervisor, {
      name: "flink-zookeeper",
      program: () =>
        program(installation, {
          name: "zookeeper",
          mainClass: "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer",
          args: ["--zkConfigFile", join(installation.configuration, "zoo.cfg"), "--peerId", "1"],
          heapMb: zooKeeperHeapMb,
        }),
      isReady: answersRuok,
      stopSignal: "SIGTERM",
    });
  }

  start(port: number): Promise<void> {
    return this.startOn(port);
  }
}

async function answersRuok(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.setEncoding("utf8").setTimeout(1000, () => socket.destroy());
    socket.write("ruok");
    for await (const chunk of socket) return chunk === "imok";
    return false;
  } finally {
    socket.destroy();
  }
}
