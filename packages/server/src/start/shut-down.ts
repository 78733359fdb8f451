import type { Engine } from "@tda-platform/engine/types";
import type { FastifyInstance } from "fastify";
import type { Logger } from "../internal/logger.ts";
import { type StopPhase, stopPhase } from "./phase.ts";
import { removeRunFile } from "./run-file.ts";
import type { Storage } from "./storage.ts";

/** What a start has made so far; null: not (yet). */
export interface Started {
  http: FastifyInstance | null;
  engine: Engine | null;
  storage: Storage | null;
  runFileDir: string | null;
}

/** Cancelled computations answer their clients in this time. */
const lastAnswersMs = 2_000;
const engineLimitMs = 3_000;
const poolLimitMs = 5_000;
const postgresLimitMs = 10_000;
const idlePollMs = 50;

/**
 * Stops in order: no new requests, those in progress get `requestsMs` and are then cancelled, the engine's processes end,
 * what waits to be written is written, the database ends. Each step has its time; `force` skips the waiting, not the steps.
 * Returns whether everything has ended, and without force.
 */
export async function shutDown(
  started: Started,
  requestsMs: number,
  logger: Logger,
  force: AbortSignal,
): Promise<boolean> {
  let inOrder = true;
  for (const phase of phases(started, requestsMs, force)) {
    const isDone = await stopPhase(logger, phase, force);
    // Requests that were cancelled because their time was over are a stop as it was asked for.
    if (phase.isEssential === true && !isDone) inOrder = false;
  }
  return inOrder && !force.aborted;
}

function* phases(started: Started, requestsMs: number, force: AbortSignal): Generator<StopPhase> {
  const { http, engine, storage, runFileDir } = started;
  if (runFileDir !== null) yield { name: "run file", limitMs: 1_000, work: () => removeRunFile(runFileDir) };
  if (http !== null) {
    const closed = closeHttp(http);
    // Computations still under way are cancelled by closing their engine, and their requests are then answered.
    yield { name: "requests", limitMs: requestsMs, work: () => closed, giveUp: () => void engine?.close() };
    yield {
      name: "connections",
      limitMs: lastAnswersMs,
      work: () => closed,
      giveUp: () => http.server.closeAllConnections(),
    };
  }
  if (engine !== null) yield { name: "engine", limitMs: engineLimitMs, isEssential: true, work: () => engine.close() };
  if (storage === null) return;
  const { database, embedded } = storage;
  yield { name: "database connections", limitMs: poolLimitMs, work: () => database.close() };
  if (embedded === null) return;
  // Its own steps end in a kill within this time.
  yield {
    name: "database",
    limitMs: 2 * postgresLimitMs,
    isEssential: true,
    work: () => embedded.stop(postgresLimitMs, force),
  };
}

/** Takes no new connections, and ends each as soon as its request is answered instead of keeping it for another. */
async function closeHttp(http: FastifyInstance): Promise<void> {
  const timer = setInterval(() => http.server.closeIdleConnections(), idlePollMs);
  try {
    await http.close();
  } finally {
    clearInterval(timer);
  }
}
