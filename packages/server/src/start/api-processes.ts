import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SharedDatabase } from "../adapters/database/open-database.ts";
import type { Logger } from "../internal/logger.ts";
import { aggregateMetrics, type Metrics } from "../internal/metrics.ts";
import { StartError } from "../internal/start-error.ts";
import type { FromApiProcess, ToApiProcess } from "./process-messages.ts";

export interface ApiProcessesOptions {
  readonly count: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  readonly database: SharedDatabase;
  /** Of the first process. */
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const metricsLimitMs = 1_000;
/** A process that ends by itself is replaced, later and later when its replacements do not last. */
const backOffMs: readonly number[] = [0, 200, 1_000, 5_000];
const goodRunMs = 10_000;

/** The processes that share the port of an instance. */
export class ApiProcesses {
  readonly #options: ApiProcessesOptions;
  readonly #stopping = new AbortController();
  readonly #collecting = new Map<number, (metrics: readonly object[]) => void>();
  #collections = 0;
  #renewal: Promise<void> = Promise.resolve();

  private constructor(options: ApiProcessesOptions) {
    this.#options = options;
    const exec = fileURLToPath(new URL("./api-process.ts", import.meta.url));
    // Messages carry bytes, dates and secrets: by the structured clone, over a channel that only the two can read.
    cluster.setupPrimary({ exec, args: [], serialization: "advanced" });
  }

  /** Starts them all; resolves with their address when each listens. @throws StartError of the first that fails. */
  static async start(options: ApiProcessesOptions): Promise<{ processes: ApiProcesses; url: string }> {
    const processes = new ApiProcesses(options);
    try {
      // One after the other only for the first: it tells what is wrong with the port.
      const url = await processes.#start();
      await Promise.all(Array.from({ length: options.count - 1 }, () => processes.#start()));
      return { processes, url };
    } catch (error) {
      await processes.stop("the start failed", AbortSignal.abort());
      throw error;
    }
  }

  /** Replaces one process after the other: the new one listens before the old one stops, so that no request is refused. */
  renew(): Promise<void> {
    this.#renewal = this.#renewal.then(async () => {
      for (const old of workers()) {
        if (this.#stopping.signal.aborted) return;
        await this.#start().catch((error: Error) => {
          this.#options.logger.error({ err: error }, "a server process could not be renewed; the old one stays");
          throw error;
        });
        await stopWorker(old, "renewed", false);
      }
      this.#options.logger.info({ processes: workers().length }, "server processes renewed");
    });
    return this.#renewal;
  }

  /** Stops them all in order; at once when `force` fires. */
  async stop(reason: string, force: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const hurry = (): void => {
      for (const worker of workers()) void stopWorker(worker, reason, true);
    };
    force.addEventListener("abort", hurry, { once: true });
    await Promise.all(workers().map((worker) => stopWorker(worker, reason, force.aborted)));
    force.removeEventListener("abort", hurry);
  }

  kill(): void {
    for (const worker of workers()) worker.process.kill("SIGKILL");
  }

  async #start(): Promise<string> {
    const { env, workingDir, database, logger } = this.#options;
    const worker = cluster.fork();
    const startedAt = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let isListening = false;
    worker.on("message", (message: FromApiProcess) => {
      switch (message.kind) {
        case "listening":
          isListening = true;
          resolve(message.url);
          return;
        case "failed":
          reject(new StartError(message.message));
          return;
        case "own-metrics":
          this.#collecting.get(message.request)?.(message.metrics);
          return;
        case "metrics":
          void this.#collect().then((text) => tell(worker, { kind: "metrics", request: message.request, text }));
      }
    });
    worker.once("exit", (code, signal) => {
      reject(new StartError(`A server process ended while it was starting (${signal ?? code}).`));
      if (!isListening || this.#stopping.signal.aborted || worker.exitedAfterDisconnect) return;
      logger.error({ pid: worker.process.pid, code, signal }, "a server process ended; starting another");
      void this.#replace(performance.now() - startedAt > goodRunMs ? 0 : 1);
    });
    tell(worker, { kind: "start", env, workingDir, database });
    return await promise;
  }

  async #replace(failures: number): Promise<void> {
    for (let i = failures; ; i++) {
      const waitMs = backOffMs[Math.min(i, backOffMs.length - 1)]!;
      await sleep(waitMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      try {
        await this.#start();
        return;
      } catch (error) {
        this.#options.logger.error({ err: error }, "a server process did not start");
      }
    }
  }

  /** The metrics of all processes; one that does not answer in time is left out. */
  async #collect(): Promise<string> {
    const parts = await Promise.all(
      workers().map(async (worker) => {
        const request = this.#collections++;
        const { promise, resolve } = Promise.withResolvers<readonly object[]>();
        this.#collecting.set(request, resolve);
        tell(worker, { kind: "own-metrics", request });
        const timer = setTimeout(() => resolve([]), metricsLimitMs);
        const metrics = await promise;
        clearTimeout(timer);
        this.#collecting.delete(request);
        return metrics;
      }),
    );
    return await aggregateMetrics([await this.#options.metrics.json(), ...parts]);
  }
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function tell(worker: Worker, message: ToApiProcess): void {
  if (worker.isConnected()) worker.send(message);
}

async function stopWorker(worker: Worker, reason: string, isForced: boolean): Promise<void> {
  if (worker.isDead()) return;
  // Marks the end as wanted, for the listener above.
  worker.exitedAfterDisconnect = true;
  const ended = once(worker, "exit");
  tell(worker, { kind: "stop", reason, isForced });
  await ended;
}
