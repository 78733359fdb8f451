/**
 * A process that answers requests, where an instance has several (`API_WORKERS`). The first process of the instance starts
 * it, tells it what to use, and stops it; it ends by itself when that one is gone. Signals are the first process's.
 */
import { loadSettings, type Settings } from "../config/settings.ts";
import { createLogger } from "../internal/logger.ts";
import { createMetrics, type Metrics } from "../internal/metrics.ts";
import { startDependencies } from "./dependencies.ts";
import { startHttp } from "./http-instance.ts";
import { ownVersion } from "./own-version.ts";
import type { FromApiProcess, ToApiProcess } from "./process-messages.ts";
import { shareOfProcess } from "./process-share.ts";
import { nothingStarted, type Started, shutDown } from "./shut-down.ts";
import { attachStorage } from "./storage.ts";

const started: Started = nothingStarted();
const abort = new AbortController();
const force = new AbortController();
const own = createMetrics();
const asked = new Map<number, (text: string) => void>();
let requests = 0;
let isStopping = false;
let settings: Settings | null = null;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => void stop("the first process of the instance is gone"));
process.on("message", (message: ToApiProcess) => {
  switch (message.kind) {
    case "start":
      void start(message);
      return;
    case "stop":
      if (message.isForced) force.abort();
      void stop(message.reason);
      return;
    case "own-metrics":
      void own.json().then((metrics) => tell({ kind: "own-metrics", request: message.request, metrics }));
      return;
    case "metrics":
      asked.get(message.request)?.(message.text);
      asked.delete(message.request);
  }
});

function tell(message: FromApiProcess): void {
  if (process.connected) process.send?.(message);
}

async function start(message: ToApiProcess & { kind: "start" }): Promise<void> {
  try {
    const given = shareOfProcess(loadSettings(message.env, { workingDir: message.workingDir }));
    settings = given;
    const logger = createLogger({ level: given.logLevel, format: given.logFormat });
    const dependencies = await startDependencies({
      settings: given,
      logger,
      openStorage: (sealer) => attachStorage(given, message.database, sealer, logger),
      maintains: false,
      started,
      signal: abort.signal,
    });
    const url = await startHttp({
      settings: given,
      version: await ownVersion(),
      logger,
      dependencies,
      started,
      isShuttingDown: () => isStopping,
      signal: abort.signal,
      metrics: metricsOfInstance(),
    });
    tell({ kind: "listening", url });
  } catch (error) {
    tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    await stop("the start failed");
  }
}

/** Counts here, and is read for the whole instance: a scrape reaches one of its processes. */
function metricsOfInstance(): Metrics {
  return {
    ...own,
    text: () =>
      new Promise((resolve) => {
        const request = requests++;
        asked.set(request, resolve);
        tell({ kind: "metrics", request });
      }),
  };
}

async function stop(reason: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  abort.abort();
  const logger = createLogger({ level: settings?.logLevel ?? "info", format: settings?.logFormat ?? "auto" });
  logger.info({ reason }, "server process: stopping");
  await shutDown(started, settings ?? { shutdownTimeoutMs: 1_000, shutdownDelayMs: 0 }, logger, force.signal);
  process.exit(0);
}
