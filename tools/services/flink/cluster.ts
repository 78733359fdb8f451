import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { installJavaService } from "../java/install.mjs";
import { log4jProperties } from "../java/java-program.ts";
import type { Supervisor } from "../supervisor.ts";
import { type FlinkAddresses, FlinkClient } from "./client.ts";
import { flinkConfiguration } from "./configuration.ts";
import { type FlinkInstallation, JobManager, TaskManager, ZooKeeper } from "./processes.ts";

export interface FlinkOptions {
  /** Default 1. */
  readonly taskManagers?: number;
  /** Of each TaskManager; a job needs as many as its parallelism. Default 2. */
  readonly slots?: number;
  /** Of a TaskManager's tasks. Default 192. */
  readonly taskHeapMb?: number;
  /** For benchmarks: TaskManagers that start slower and compute faster. Default false. */
  readonly forLongRun?: boolean;
  /** With a ZooKeeper, by which a JobManager that starts again takes up the jobs of the one before. Default false. */
  readonly recovery?: boolean;
  /** More of config.yaml. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Environment of the TaskManagers, and of the programs that their tasks start. */
  readonly env?: Readonly<Record<string, string>>;
}

const defaultSlots = 2;
const defaultTaskHeapMb = 192;
/** Ports can be taken between the question and the start. */
const portAttempts = 3;

interface Processes {
  readonly zooKeeper: ZooKeeper | null;
  readonly jobManager: JobManager;
  readonly taskManagers: readonly TaskManager[];
}

/**
 * Flink: a JobManager and TaskManagers, each a process that can be killed, frozen and restarted. Checkpoints and savepoints are in
 * folders that stay until all services stop. Without `recovery`, what restarts a JobManager submits its jobs again, from
 * `client.latestCheckpoint`.
 */
export class FlinkCluster implements FlinkAddresses {
  readonly jobManager: JobManager;
  readonly taskManagers: readonly TaskManager[];
  readonly zooKeeper: ZooKeeper | null;
  readonly client: FlinkClient;
  readonly url: string;
  readonly checkpointFolder: string;
  readonly savepointFolder: string;

  private constructor(processes: Processes, client: FlinkClient, { url, checkpointFolder, savepointFolder }: Where) {
    this.jobManager = processes.jobManager;
    this.taskManagers = processes.taskManagers;
    this.zooKeeper = processes.zooKeeper;
    this.client = client;
    this.url = url;
    this.checkpointFolder = checkpointFolder;
    this.savepointFolder = savepointFolder;
  }

  get metricsUrls(): readonly string[] {
    const ports = [this.jobManager.metricsPort, ...this.taskManagers.map(({ port }) => port)];
    return ports.map((port) => `http://127.0.0.1:${port}/metrics`);
  }

  static async start(supervisor: Supervisor, folder: string, options: FlinkOptions = {}): Promise<FlinkCluster> {
    const installed = await installJavaService("flink");
    for (let attempt = 1; ; attempt++) {
      const configuration = join(folder, String(attempt));
      await mkdir(configuration);
      try {
        return await FlinkCluster.#startOnce(supervisor, { ...installed, configuration }, options);
      } catch (error) {
        if (attempt === portAttempts || !/Address already in use|BindException/.test(String(error))) throw error;
      }
    }
  }

  static async #startOnce(
    supervisor: Supervisor,
    installation: FlinkInstallation,
    options: FlinkOptions,
  ): Promise<FlinkCluster> {
    const { slots = defaultSlots, taskHeapMb = defaultTaskHeapMb, recovery = false, settings = {}, env = {} } = options;
    const { forLongRun = false } = options;
    const { configuration } = installation;
    const ports = { rest: await freePort(), rpc: await freePort(), metrics: await freePort() };
    const zooKeeperPort = recovery ? await freePort() : null;
    const [checkpoints, savepoints, uploads, kept] = ["checkpoints", "savepoints", "uploads", "recovery"].map((name) =>
      join(configuration, name),
    ) as [string, string, string, string];
    for (const path of [checkpoints, savepoints, uploads, kept]) await mkdir(path);
    const folders = { checkpoints, savepoints, uploads, recovery: kept };
    await writeFile(
      join(configuration, "config.yaml"),
      flinkConfiguration({
        folders,
        restPort: ports.rest,
        rpcPort: ports.rpc,
        slots,
        taskHeapMb,
        zooKeeperPort,
        settings,
      }),
    );
    await writeFile(join(configuration, "log4j2.properties"), log4jProperties);
    const where = {
      url: `http://127.0.0.1:${ports.rest}`,
      checkpointFolder: checkpoints,
      savepointFolder: savepoints,
    };
    const client = new FlinkClient({ ...where, metricsUrls: [] });
    const jobManager = new JobManager(supervisor, installation, ports, client);
    const taskManagers = Array.from(
      { length: options.taskManagers ?? 1 },
      (_, n) => new TaskManager(supervisor, installation, client, { number: n + 1, taskHeapMb, forLongRun, env }),
    );
    let zooKeeper: ZooKeeper | null = null;
    if (zooKeeperPort !== null) {
      await writeFile(join(configuration, "zoo.cfg"), zooKeeperConfiguration(configuration, zooKeeperPort));
      zooKeeper = new ZooKeeper(supervisor, installation);
      await zooKeeper.start(zooKeeperPort);
    }
    const cluster = new FlinkCluster({ zooKeeper, jobManager, taskManagers }, client, where);
    // A TaskManager looks for the JobManager until it is there.
    const starts = [jobManager.start(ports.rest), ...taskManagers.map((taskManager) => taskManager.start())];
    const failed = (await Promise.allSettled(starts)).find((end) => end.status === "rejected");
    if (failed === undefined) return cluster;
    await cluster.stop();
    throw failed.reason;
  }

  /** All at once, as when a machine fails: jobs are not told, as they would be if it was in order. */
  async stop(): Promise<void> {
    const all = [this.jobManager, ...this.taskManagers, ...(this.zooKeeper ? [this.zooKeeper] : [])];
    await Promise.all(all.filter(({ isRunning }) => isRunning).map((one) => one.kill()));
  }
}

type Where = Pick<FlinkAddresses, "url" | "checkpointFolder" | "savepointFolder">;

/** Short ticks: a JobManager that was killed is given up after 4 s. */
function zooKeeperConfiguration(folder: string, port: number): string {
  return `tickTime=1000
dataDir=${join(folder, "zookeeper")}
clientPort=${port}
clientPortAddress=127.0.0.1
maxSessionTimeout=20000
admin.enableServer=false
4lw.commands.whitelist=ruok
`;
}
