import { join } from "node:path";
import { type ChosenEngine, createEngine } from "../adapters/engine/create-engine.ts";
import type { Settings } from "../config/settings.ts";
import type { Logger } from "../internal/logger.ts";
import { startPhase } from "./phase.ts";
import type { Started } from "./shut-down.ts";
import { signingKey } from "./signing-key.ts";
import type { Storage } from "./storage.ts";

export interface Dependencies {
  readonly storage: Storage;
  readonly engine: ChosenEngine;
}

export interface DependencyOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly openStorage: () => Promise<Storage>;
  /** What is made is kept here, to be stopped also when something else fails. */
  readonly started: Started;
  readonly signal: AbortSignal;
}

/** Database, engine and secrets side by side: none needs another. @throws StartError */
export async function startDependencies(options: DependencyOptions): Promise<Dependencies> {
  const { settings, logger, started, signal } = options;
  const storage = startPhase(logger, "database", options.openStorage).then((opened) => {
    started.storage = opened;
    return opened;
  });
  const engine = startPhase(logger, "engine", () => createEngine(engineChoice(settings, logger))).then((created) => {
    started.engine = created.engine;
    return created;
  });
  const key = signingKey(settings.jwtSecretKey, join(settings.dataDir, "keys"));
  const results = await Promise.allSettled([storage, engine, key]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  signal.throwIfAborted();
  return { storage: await storage, engine: await engine };
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
