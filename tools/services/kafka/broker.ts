import { join } from "node:path";
import { type JavaProgram, jarsOf, javaProgram } from "../java/java-program.ts";
import { ServerProcess } from "../server-process.ts";
import type { Program, Supervisor } from "../supervisor.ts";
import { aliveBrokers } from "./alive-brokers.ts";

export interface KafkaInstallation {
  /** A Java home. */
  readonly java: string;
  /** Has the jars in `lib`. */
  readonly folder: string;
}

interface BrokerOptions {
  readonly id: number;
  /** Has server.properties and log4j2.properties. */
  readonly folder: string;
  readonly heapMb: number;
  readonly forLongRun: boolean;
  readonly port: number;
}

/** One broker of a cluster. What it acknowledged is there after `kill` and `restart`, on the same port. */
export class KafkaBroker extends ServerProcess {
  readonly id: number;
  readonly #port: number;

  constructor(supervisor: Supervisor, installation: KafkaInstallation, options: BrokerOptions) {
    const { id, folder, heapMb, forLongRun, port } = options;
    const main = { mainClass: "kafka.Kafka", args: [join(folder, "server.properties")], heapMb, forLongRun };
    super(supervisor, {
      name: `kafka-${id}`,
      program: () => ({
        ...kafkaProgram(installation, folder, main),
        logFile: join(folder, "broker.log"),
      }),
      isReady: async () => (await aliveBrokers(port)).includes(id),
      stopSignal: "SIGTERM",
    });
    this.id = id;
    this.#port = port;
  }

  start(): Promise<void> {
    return this.startOn(this.#port);
  }
}

/** One of Kafka's programs. */
export function kafkaProgram(
  { java, folder: installed }: KafkaInstallation,
  folder: string,
  main: Pick<JavaProgram, "mainClass" | "args" | "heapMb" | "forLongRun">,
): Program {
  return javaProgram({
    ...main,
    java,
    classPath: jarsOf(join(installed, "lib")),
    options: [`-Dlog4j2.configurationFile=${join(folder, "log4j2.properties")}`],
    folder,
    logFile: join(folder, `${main.mainClass}.log`),
  });
}
