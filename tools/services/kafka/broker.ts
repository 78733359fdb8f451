import { join } from "node:path";
import { jarsOf, javaProgram } from "../java/java-program.ts";
import { ServerProcess } from "../server-process.ts";
import type { Supervisor } from "../supervisor.ts";
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
  readonly port: number;
}

/** One broker of a cluster. What it acknowledged is there after `kill` and `restart`, on the same port. */
export class KafkaBroker extends ServerProcess {
  readonly id: number;
  readonly #port: number;

  constructor(supervisor: Supervisor, installation: KafkaInstallation, { id, folder, heapMb, port }: BrokerOptions) {
    super(supervisor, {
      name: `kafka-${id}`,
      program: () => ({
        ...kafkaProgram(installation, folder, "kafka.Kafka", [join(folder, "server.properties")], heapMb),
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
  mainClass: string,
  args: readonly string[],
  heapMb: number,
) {
  return javaProgram({
    java,
    classPath: jarsOf(join(installed, "lib")),
    mainClass,
    args,
    heapMb,
    options: [`-Dlog4j2.configurationFile=${join(folder, "log4j2.properties")}`],
    folder,
    logFile: join(folder, `${mainClass}.log`),
  });
}
