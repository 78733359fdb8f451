import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "@tda-platform/engine/types";
import type { FastifyInstance } from "fastify";
import type { StreamRunner } from "../domain/streams/runner/stream-runner.ts";
import type { Logger } from "../internal/logger.ts";
import type { ApiProcesses } from "./api-processes.ts";
import type { Background } from "./background.ts";
import type { DatasetStorage } from "./dataset-storage.ts";
import type { OpenedEventLog } from "./event-log.ts";
import type { OpenedIdentity } from "./identity.ts";
import { type StopPhase, stopPhase } from "./phase.ts";
import { removeRunFile } from "./run-file.ts";
import type { SharedCache } from "./shared-cache.ts";
import type { RunningJobWorker } from "./start-job-worker.ts";
import type { Storage } from "./storage.ts";

/** What a start has made so far; null: not (yet). */
export interface Started {
  http: FastifyInstance | null;
  /** The processes that answer requests, where they are several. */
  processes: ApiProcesses | null;
  worker: RunningJobWorker | null;
  streams: StreamRunner | null;
  identity: OpenedIdentity | null;
  limits: { close(): Promise<void> } | null;
  cache: SharedCache | null;
  engine: Engine | null;
  datasets: DatasetStorage | null;
  background: Background | null;
  sink: { stop(): Promise<void> } | null;
  relay: { stop(): Promise<void> } | null;
  events: OpenedEventLog | null;
  storage: Storage | null;
  runFileDir: string | null;
  /** The stop has come to where new work is refused: before, connections that are kept open are served once more. */
  refusesWork: boolean;
}

export function nothingStarted(): Started {
  return {
    http: null,
    processes: null,
    worker: null,
    streams: null,
    identity: null,
    limits: null,
    cache: null,
    engine: null,
    datasets: null,
    background: null,
    sink: null,
    relay: null,
    events: null,
    storage: null,
    runFileDir: null,
    refusesWork: false,
  };
}

export interface StopLimits {
  readonly shutdownTimeoutMs: number;
  readonly shutdownDelayMs: number;
}

/** A connection that is kept open gets this long for one more request, whose answer tells the client to close it. */
const lastRequestMs = 400;
/** Cancelled computations answer their clients in this time. */
const lastAnswersMs = 2_000;
/** Jobs are stopped and given back in this time; without it their leases run out. */
const jobsLimitMs = 3_000;
/** Partitions are saved and given back in this time; without it their leases run out. */
const streamsLimitMs = 5_000;
const engineLimitMs = 3_000;
const datasetsLimitMs = 5_000;
const relayLimitMs = 5_000;
const eventsLimitMs = 5_000;
const sinkLimitMs = 5_000;
const usageLimitMs = 3_000;
const cacheLimitMs = 1_000;
/** A webhook under way gets two seconds, a batch of an erasure its statement's time. */
const backgroundLimitMs = 5_000;
const poolLimitMs = 5_000;
const postgresLimitMs = 10_000;
const idlePollMs = 50;

/**
 * Stops in order: load balancers get to notice, no new connections, requests in progress get their time and are then
 * cancelled, the engine's processes end, what waits to be written is written, the database ends. Each step has its time;
 * `force` skips the waiting, not the steps. Returns whether everything has ended, and without force.
 */
export async function shutDown(
  started: Started,
  limits: StopLimits,
  logger: Logger,
  force: AbortSignal,
): Promise<boolean> {
  let inOrder = true;
  for (const phase of phases(started, limits, force)) {
    const isDone = await stopPhase(logger, phase, force);
    // Requests that were cancelled because their time was over are a stop as it was asked for.
    if (phase.isEssential === true && !isDone) inOrder = false;
  }
  return inOrder && !force.aborted;
}

function* phases(started: Started, times: StopLimits, force: AbortSignal): Generator<StopPhase> {
  const {
    http,
    processes,
    worker,
    streams,
    identity,
    engine,
    background,
    sink,
    datasets,
    relay,
    events,
    limits,
    cache,
    storage,
    runFileDir,
  } = started;
  if (runFileDir !== null) yield { name: "run file", limitMs: 1_000, work: () => removeRunFile(runFileDir) };
  // Jobs that run end beside the last requests, or are given back.
  void worker?.drain();
  if (processes !== null) yield stopProcesses(processes, times, force);
  if (http !== null) yield* stopHttp(started, http, times, force);
  if (worker !== null) yield { name: "jobs", limitMs: jobsLimitMs, work: () => worker.stop() };
  if (streams !== null) yield { name: "streams", limitMs: streamsLimitMs, work: () => streams.stop() };
  if (engine !== null) yield { name: "engine", limitMs: engineLimitMs, isEssential: true, work: () => engine.close() };
  identity?.close();
  if (background !== null) {
    yield { name: "background work", limitMs: backgroundLimitMs, work: () => background.stop() };
  }
  if (datasets !== null) yield { name: "datasets", limitMs: datasetsLimitMs, work: () => datasets.close() };
  if (sink !== null) yield { name: "sink", limitMs: sinkLimitMs, work: () => sink.stop() };
  if (relay !== null) yield { name: "relay", limitMs: relayLimitMs, work: () => relay.stop() };
  if (events !== null) yield { name: "event log", limitMs: eventsLimitMs, work: () => events.close() };
  if (limits !== null) yield { name: "use of projects", limitMs: usageLimitMs, work: () => limits.close() };
  if (cache !== null) yield { name: "cache", limitMs: cacheLimitMs, work: () => cache.close() };
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

function stopProcesses(processes: ApiProcesses, limits: StopLimits, force: AbortSignal): StopPhase {
  const { shutdownTimeoutMs, shutdownDelayMs } = limits;
  return {
    name: "server processes",
    limitMs: shutdownDelayMs + shutdownTimeoutMs + lastAnswersMs + engineLimitMs + backgroundLimitMs + poolLimitMs,
    isEssential: true,
    work: () => processes.stop("the instance stops", force),
    giveUp: () => processes.kill(),
  };
}

function* stopHttp(
  started: Started,
  http: FastifyInstance,
  { shutdownTimeoutMs: requestsMs, shutdownDelayMs: delayMs }: StopLimits,
  force: AbortSignal,
): Generator<StopPhase> {
  const { engine } = started;
  if (delayMs > 0) {
    yield {
      name: "load balancers",
      limitMs: delayMs + 1_000,
      work: () => sleep(delayMs, undefined, { signal: force }).catch(() => undefined),
    };
  }
  yield { name: "last requests", limitMs: 2 * lastRequestMs, work: () => takeLastRequests(http, force) };
  started.refusesWork = true;
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

/**
 * Takes no new connections. Those that are kept open stay so for a moment: closed at once, they would fail the client that
 * sends its next request at the same time.
 */
async function takeLastRequests(http: FastifyInstance, force: AbortSignal): Promise<void> {
  // The listener alone: what HTTP servers do when they close ends idle connections too.
  NetServer.prototype.close.call(http.server);
  const until = performance.now() + lastRequestMs;
  while (performance.now() < until && !force.aborted) {
    const open = await new Promise<number>((resolve) => http.server.getConnections((_error, count) => resolve(count)));
    if (open === 0) return;
    await sleep(idlePollMs);
  }
}

/** Ends each connection as soon as its request is answered instead of keeping it for another. */
async function closeHttp(http: FastifyInstance): Promise<void> {
  const timer = setInterval(() => http.server.closeIdleConnections(), idlePollMs);
  try {
    await http.close();
  } finally {
    clearInterval(timer);
  }
}
