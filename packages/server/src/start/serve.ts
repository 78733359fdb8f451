import { join } from "node:path";
import type { LocalKey } from "../adapters/database/first-rows.ts";
import type { Database } from "../adapters/database/open-database.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import type { ValueSealer } from "../domain/ports.ts";
import { createLogger, type Logger } from "../internal/logger.ts";
import { createMetrics } from "../internal/metrics.ts";
import { ensureSharedDirectory } from "../internal/own-directory.ts";
import { StartError } from "../internal/start-error.ts";
import { ApiProcesses } from "./api-processes.ts";
import { type DependencyOptions, openStoredState, startDependencies } from "./dependencies.ts";
import { startHttp } from "./http-instance.ts";
import { ownVersion } from "./own-version.ts";
import { startPhase } from "./phase.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { nothingStarted, type Started, shutDown } from "./shut-down.ts";
import { listenToProcess } from "./signals.ts";
import { openStorage, type Storage } from "./storage.ts";

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

interface Serving {
  readonly database: Database;
  readonly url: string;
}

class Run {
  interrupted: string | null = null;
  readonly finished: Promise<number>;
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #started: Started = nothingStarted();
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
        onRenew: () => void this.#started.processes?.renew().catch(() => undefined),
      },
      this.#logger,
    );
  }

  async start(options: ServeOptions): Promise<RunningServer> {
    const settings = this.#settings;
    const version = await ownVersion();
    const begin = performance.now();
    await ensureSharedDirectory(settings.dataDir);
    const toStart: DependencyOptions = {
      settings,
      logger: this.#logger,
      openStorage: (sealer) => this.#openStorage(sealer, options.renewLocalKey === true),
      maintains: true,
      started: this.#started,
      signal: this.#abort.signal,
    };
    const { database, url } = this.#hasApiProcesses
      ? await this.#serveByProcesses(options, toStart)
      : await this.#serveHere(version, toStart);
    this.#abort.signal.throwIfAborted();
    // Clients can see it ready: from here on a stop is an ordinary one, not an interrupted start.
    this.#isStarting = false;
    await this.#tellWhereItListens(url, version);
    const ms = Math.round(performance.now() - begin);
    this.#logger.info({ url, version, roles: settings.roles, ms }, "the server is ready");
    return {
      url,
      firstStart: firstStartOf(database.localKey, options.showsKey ?? process.stdout.isTTY === true),
      stop: (reason) => this.stop(reason, 0),
      finished: this.finished,
    };
  }

  get #hasApiProcesses(): boolean {
    return this.#settings.apiWorkers > 1 && this.#settings.roles.includes("serve");
  }

  #openStorage(sealer: ValueSealer, renewLocalKey: boolean): Promise<Storage> {
    const settings = this.#settings;
    const keysDir = join(settings.dataDir, "keys");
    return openStorage({ settings, keysDir, renewLocalKey, sealer, logger: this.#logger, signal: this.#abort.signal });
  }

  async #serveHere(version: string, toStart: DependencyOptions): Promise<Serving> {
    const dependencies = await startDependencies(toStart);
    const url = await startHttp({
      settings: this.#settings,
      version,
      logger: this.#logger,
      dependencies,
      started: this.#started,
      isShuttingDown: () => this.#stopping !== null,
      signal: this.#abort.signal,
    });
    return { database: dependencies.storage.database, url };
  }

  /** This process holds the port and what is stored, and computes nothing: the engines are the others'. */
  async #serveByProcesses(options: ServeOptions, toStart: DependencyOptions): Promise<Serving> {
    const { database } = (await openStoredState(toStart)).storage;
    const { processes, url } = await startPhase(this.#logger, "server processes", () =>
      ApiProcesses.start({
        count: this.#settings.apiWorkers,
        env: options.env,
        workingDir: options.workingDir ?? process.cwd(),
        database: database.shared,
        metrics: createMetrics(),
        logger: this.#logger,
      }),
    );
    this.#started.processes = processes;
    return { database, url };
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
    const inOrder = await shutDown(this.#started, this.#settings, this.#logger, this.#force.signal);
    const exitCode = inOrder ? code : 1;
    if (this.#stopListening !== null) {
      this.#stopListening();
      setTimeout(() => process.exit(exitCode), lingerMs).unref();
    }
    if (!this.#isStarting) this.#logger.info({ exitCode }, "stopped");
    this.#finish(exitCode);
  }
}

function firstStartOf({ state, keyFile, apiKey }: LocalKey, showsKey: boolean): RunningServer["firstStart"] {
  if (state !== "made") return null;
  return showsKey && apiKey !== null ? { keyFile, apiKey } : { keyFile };
}
