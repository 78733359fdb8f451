import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MemoryCache } from "../adapters/cache/memory-cache.ts";
import { type ChosenEngine, createEngine } from "../adapters/engine/create-engine.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import type { DependencyProbe, ResultCache } from "../domain/ports.ts";
import { buildHttpServer } from "../http/server.ts";
import { createLogger, type Logger } from "../internal/logger.ts";
import { createMetrics } from "../internal/metrics.ts";
import { ensureSharedDirectory } from "../internal/own-directory.ts";
import { StartError } from "../internal/start-error.ts";
import { listen } from "./listen.ts";
import { firstKeyWarning, operatorWarnings } from "./operator-warnings.ts";
import { startPhase } from "./phase.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { type Started, shutDown } from "./shut-down.ts";
import { listenToProcess } from "./signals.ts";
import { signingKey } from "./signing-key.ts";
import { openStorage } from "./storage.ts";

export interface ServeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative settings start from. */
  readonly workingDir?: string;
  /** Revokes the key of the command line on this machine and makes another. */
  readonly renewLocalKey?: boolean;
  /** Stop on the process's signals and failures; true unless told. */
  readonly handlesSignals?: boolean;
  /** Whether a new key may be shown: standard output is a terminal, unless told. */
  readonly showsKey?: boolean;
  readonly logger?: Logger;
}

export interface RunningServer {
  readonly url: string;
  /** A key was made at this start. Its text is only there to be shown on a terminal, once. */
  readonly firstStart: { readonly apiKey?: string; readonly keyFile: string } | null;
  /** Stops in order; resolves when everything has ended. Idempotent. */
  stop(reason: string): Promise<void>;
  /** Resolves with the exit code once the server has stopped, for whatever reason. */
  readonly finished: Promise<number>;
}

/** Past the end, a process that something still holds open is ended all the same. */
const lingerMs = 2_000;

/**
 * Starts the server: settings, database, engine, HTTP, in phases that end in reverse when one fails.
 * @throws SettingsError, StartError with one sentence for whoever started it.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const settings = loadSettings(
    options.env,
    options.workingDir === undefined ? {} : { workingDir: options.workingDir },
  );
  const logger = options.logger ?? createLogger({ level: settings.logLevel, format: settings.logFormat });
  const run = new Run(settings, logger);
  if (options.handlesSignals !== false) run.listenToProcess();
  try {
    return await run.start(options);
  } catch (error) {
    await run.stop("the start failed", 1);
    if (run.interrupted !== null)
      throw new StartError(`The start was interrupted (${run.interrupted}).`, { cause: error });
    throw error;
  }
}

class Run {
  interrupted: string | null = null;
  readonly finished: Promise<number>;
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #started: Started = { http: null, engine: null, storage: null, runFileDir: null };
  readonly #abort = new AbortController();
  readonly #force = new AbortController();
  readonly #finish: (code: number) => void;
  #isStarting = true;
  #stopping: Promise<void> | null = null;
  #stopListening: (() => void) | null = null;

  constructor(settings: Settings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.finished = promise;
    this.#finish = resolve;
  }

  listenToProcess(): void {
    const stop = (reason: string, code: number): void => {
      if (!this.#isStarting) {
        void this.stop(reason, code);
        return;
      }
      // Between two phases of the start, which then cleans up after itself.
      this.interrupted ??= reason;
      this.#abort.abort();
    };
    this.#stopListening = listenToProcess(
      {
        onStop: (reason) => stop(reason, 0),
        onForce: () => this.#force.abort(),
        onFailure: () => stop("unexpected failure", 1),
      },
      this.#logger,
    );
  }

  async start(options: ServeOptions): Promise<RunningServer> {
    const settings = this.#settings;
    const version = await ownVersion();
    const keysDir = join(settings.dataDir, "keys");
    const begin = performance.now();
    await ensureSharedDirectory(settings.dataDir);
    const { database, engine } = await this.#startDependencies(keysDir, options.renewLocalKey === true);
    const cache = new MemoryCache(settings.cacheLimitBytes);
    const warnings = operatorWarnings(settings, database.localKey);
    // That a key is still in use is no news in the start that made it.
    const isKeyNew = database.localKey.state === "made";
    for (const warning of warnings) if (!isKeyNew || warning !== firstKeyWarning) this.#logger.warn(warning);
    const http = await startPhase(this.#logger, "http", () =>
      buildHttpServer({
        settings,
        version,
        logger: this.#logger,
        engine: engine.engine,
        cache,
        computations: database.computations,
        apiKeys: database.apiKeys,
        projectSecrets: database.projectSecrets,
        defaultProjectId: database.defaultProjectId,
        probes: [database.probe, engine.probe, cacheProbe(cache)],
        metrics: createMetrics(),
        isShuttingDown: () => this.#stopping !== null,
        warnings: async () => warnings,
      }),
    );
    this.#started.http = http;
    this.#abort.signal.throwIfAborted();
    const url = await listen(http, settings.apiHost, settings.apiPort);
    this.#abort.signal.throwIfAborted();
    // Clients can see it ready: from here on a stop is an ordinary one, not an interrupted start.
    this.#isStarting = false;
    await this.#tellWhereItListens(url, version);
    this.#logger.info({ url, version, ms: Math.round(performance.now() - begin) }, "the server is ready");
    const { localKey } = database;
    const showsKey = options.showsKey ?? process.stdout.isTTY === true;
    const shown = showsKey && localKey.apiKey !== null ? { apiKey: localKey.apiKey } : {};
    return {
      url,
      firstStart: localKey.state === "made" ? { keyFile: localKey.keyFile, ...shown } : null,
      stop: (reason) => this.stop(reason, 0),
      finished: this.finished,
    };
  }

  /** Side by side: none needs another. When one fails, what the others got is kept to be stopped. */
  async #startDependencies(keysDir: string, renewLocalKey: boolean) {
    const settings = this.#settings;
    const logger = this.#logger;
    const { signal } = this.#abort;
    const storage = startPhase(logger, "database", () =>
      openStorage({ settings, keysDir, renewLocalKey, logger, signal }),
    ).then((opened) => {
      this.#started.storage = opened;
      return opened;
    });
    const engine = startPhase(logger, "engine", () => createEngine(engineChoice(settings, logger))).then((created) => {
      this.#started.engine = created.engine;
      return created;
    });
    const key = signingKey(settings.jwtSecretKey, keysDir);
    const results = await Promise.allSettled([storage, engine, key]);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    signal.throwIfAborted();
    return { database: (await storage).database, engine: (await engine) satisfies ChosenEngine };
  }

  async #tellWhereItListens(url: string, version: string): Promise<void> {
    const { dataDir } = this.#settings;
    this.#started.runFileDir = dataDir;
    await writeRunFile(dataDir, { url, version });
    // A stop that came meanwhile has removed the file too early.
    if (this.#stopping !== null) await removeRunFile(dataDir);
  }

  stop(reason: string, code: number): Promise<void> {
    this.#stopping ??= this.#stopOnce(reason, code);
    return this.#stopping;
  }

  async #stopOnce(reason: string, code: number): Promise<void> {
    if (!this.#isStarting) this.#logger.info({ reason }, "stopping");
    const inOrder = await shutDown(this.#started, this.#settings.shutdownTimeoutMs, this.#logger, this.#force.signal);
    const exitCode = inOrder ? code : 1;
    if (this.#stopListening !== null) {
      this.#stopListening();
      setTimeout(() => process.exit(exitCode), lingerMs).unref();
    }
    if (!this.#isStarting) this.#logger.info({ exitCode }, "stopped");
    this.#finish(exitCode);
  }
}

function engineChoice(settings: Settings, logger: Logger) {
  return {
    isMock: settings.featureMockCppEngine,
    hosts: settings.engineHosts,
    executable: settings.engineHostExecutable,
    recycleBytes: settings.engineHostRecycleBytes,
    memoryLimitBytes: settings.memoryLimitBytes,
    maxQueued: settings.maxQueuedComputations,
    logger,
  };
}

function cacheProbe(cache: ResultCache): DependencyProbe {
  return {
    name: "cache",
    required: false,
    check: async () => ({
      name: "cache",
      status: "up",
      latencyMs: null,
      kind: "memory",
      detail: `${cache.usage.entries} entries`,
    }),
  };
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}
