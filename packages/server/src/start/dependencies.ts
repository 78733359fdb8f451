import { join } from "node:path";
import { type ChosenEngine, createEngine } from "../adapters/engine/create-engine.ts";
import type { Settings } from "../config/settings.ts";
import type { ValueSealer } from "../domain/ports.ts";
import { valueSealer } from "../domain/storage/value-sealer.ts";
import type { Logger } from "../internal/logger.ts";
import { type DatasetStorage, openDatasetStorage } from "./dataset-storage.ts";
import { encryptionKeys } from "./encryption-keys.ts";
import { startPhase } from "./phase.ts";
import type { Started } from "./shut-down.ts";
import { signingKey } from "./signing-key.ts";
import type { Storage } from "./storage.ts";

export interface Dependencies {
  readonly storage: Storage;
  readonly engine: ChosenEngine;
  readonly datasets: DatasetStorage;
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

/** Database, engine and secrets side by side; of the secrets the database needs the master keys, a file at most. @throws StartError */
export async function startDependencies(options: DependencyOptions): Promise<Dependencies> {
  const { settings, logger, started, signal } = options;
  const keysDir = join(settings.dataDir, "keys");
  const keyring = encryptionKeys(settings.encryptionKeys, keysDir);
  const openStorage = async () => options.openStorage(valueSealer(await keyring));
  const storage = startPhase(logger, "database", openStorage).then((opened) => {
    started.storage = opened;
    return opened;
  });
  const engine = startPhase(logger, "engine", () => createEngine(engineChoice(settings, logger))).then((created) => {
    started.engine = created.engine;
    return created;
  });
  const key = signingKey(settings.jwtSecretKey, keysDir);
  const results = await Promise.allSettled([storage, engine, key, keyring]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  signal.throwIfAborted();
  const { database } = await storage;
  const { maintains } = options;
  const datasets = await openDatasetStorage({ settings, database, keyring: await keyring, logger, maintains });
  started.datasets = datasets;
  return { storage: await storage, engine: await engine, datasets };
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
