import { join } from "node:path";
import { type ChosenEngine, createEngine } from "../adapters/engine/create-engine.ts";
import type { Settings } from "../config/settings.ts";
import type { ValueSealer } from "../domain/ports.ts";
import { valueSealer } from "../domain/storage/value-sealer.ts";
import type { Logger } from "../internal/logger.ts";
import { type DatasetStorage, openDatasetStorage } from "./dataset-storage.ts";
import { encryptionKeys } from "./encryption-keys.ts";
import { type OpenedEventLog, openEventLog } from "./event-log.ts";
import { startPhase } from "./phase.ts";
import type { Started } from "./shut-down.ts";
import { signingKey } from "./signing-key.ts";
import type { Storage } from "./storage.ts";

/** What every process of an instance has. */
export interface StoredState {
  readonly storage: Storage;
  readonly datasets: DatasetStorage;
  readonly events: OpenedEventLog;
}

/** What a process that answers requests or runs jobs has besides. */
export interface Dependencies extends StoredState {
  readonly engine: ChosenEngine;
}

export interface DependencyOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly openStorage: (sealer: ValueSealer) => Promise<Storage>;
  /** Whether this process keeps the storage in order; one of an instance does. */
  readonly maintains: boolean;
  /** What is made is kept here, to be stopped also when something else fails. */
  readonly started: Started;
  readonly signal: AbortSignal;
}

/** Stored state and engine side by side. @throws StartError */
export async function startDependencies(options: DependencyOptions): Promise<Dependencies> {
  const { settings, logger, started } = options;
  const starting = startPhase(logger, "engine", () => createEngine(engineChoice(settings, logger))).then((created) => {
    started.engine = created.engine;
    return created;
  });
  const [stored, engine] = await allOf([openStoredState(options), starting]);
  return { ...stored, engine };
}

/** Database, secrets and datasets; of the secrets the database needs the master keys, a file at most. @throws StartError */
export async function openStoredState(options: DependencyOptions): Promise<StoredState> {
  const { settings, logger, started, signal } = options;
  const keysDir = join(settings.dataDir, "keys");
  const keyring = encryptionKeys(settings.encryptionKeys, keysDir);
  const openStorage = async () => options.openStorage(valueSealer(await keyring));
  const opening = startPhase(logger, "database", openStorage).then((opened) => {
    started.storage = opened;
    return opened;
  });
  const [storage, masterKeys] = await allOf([opening, keyring, signingKey(settings.jwtSecretKey, keysDir)]);
  signal.throwIfAborted();
  const { maintains } = options;
  const { database } = storage;
  const datasets = await openDatasetStorage({ settings, database, keyring: masterKeys, logger, maintains });
  started.datasets = datasets;
  const events = await startPhase(logger, "event log", () => openEventLog(settings, database, logger));
  started.events = events;
  return { storage, datasets, events };
}

/** As Promise.all, but waits for all also when one fails: what the others made is kept by then, to be stopped. */
async function allOf<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as { readonly [K in keyof T]: Awaited<T[K]> };
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
