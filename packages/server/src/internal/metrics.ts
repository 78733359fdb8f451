import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { JobMetrics } from "./job-metrics.ts";
import { LogMetrics } from "./log-metrics.ts";
import { PointMetrics } from "./point-metrics.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { StreamMetrics } from "./stream-metrics.ts";

export interface RequestObservation {
  readonly method: string;
  readonly endpoint: string;
  readonly status: number;
  readonly seconds: number;
}

export interface ComputationObservation {
  readonly algorithm: string;
  readonly dimension: number;
  readonly seconds: number;
}

/** What a gauge reads when metrics are collected. */
export interface GaugeSources {
  readonly cacheUsage: () => { readonly entries: number; readonly bytes: number; readonly limitBytes: number };
  readonly computations: () => { readonly running: number; readonly waiting: number };
}

/** The server's metrics, as Prometheus reads them. Observing costs about a microsecond. */
export interface Metrics {
  readonly jobs: JobMetrics;
  readonly log: LogMetrics;
  readonly streams: StreamMetrics;
  readonly points: PointMetrics;
  readonly contentType: string;
  text(): Promise<string>;
  /** The same as plain data, for `aggregateMetrics`. */
  json(): Promise<readonly object[]>;
  observeRequest(observation: RequestObservation): void;
  observeComputation(observation: ComputationObservation): void;
  countComputation(outcome: "succeeded" | "failed" | "cancelled" | "refused"): void;
  countCacheLookup(result: "hit" | "miss"): void;
  countRateLimited(code: string): void;
  countSharedCache(operation: "get" | "set", outcome: string): void;
  countWebhookAttempt(outcome: "delivered" | "retried" | "dead" | "given_back"): void;
  /** The circuit breaker of a dependency: 0 closed, 1 half open, 2 open. */
  watchCircuit(dependency: string, read: () => "closed" | "half_open" | "open"): void;
  /** Called once, when what the gauges read exists. */
  watch(sources: GaugeSources): void;
}

const CIRCUIT_STATES = { closed: 0, half_open: 1, open: 2 } as const;
const COMPUTATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new RequestMetrics(registry);
  const computations = new Histogram({
    name: "tda_computation_duration_seconds",
    help: "Time of the engine for a computation.",
    labelNames: ["algorithm", "dimension"] as const,
    buckets: COMPUTATION_BUCKETS,
    registers,
  });
  const outcomes = new Counter({
    name: "tda_computations_total",
    help: "Computations by outcome; answers from the cache are none.",
    labelNames: ["outcome"] as const,
    registers,
  });
  const lookedUp = { hit: 0, miss: 0 };
  new Counter({
    name: "tda_cache_lookups_total",
    help: "Look-ups of compute answers in the result cache.",
    labelNames: ["result"] as const,
    registers,
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(lookedUp)) if (count > 0) this.inc({ result }, count);
    },
  });
  const limited = new Counter({
    name: "tda_rate_limited_total",
    help: "Requests refused with 429, by the code of the problem.",
    labelNames: ["code"] as const,
    registers,
  });
  const shared = new Counter({
    name: "tda_cache_shared_total",
    help: "Reads and writes of the shared cache (Redis) by outcome.",
    labelNames: ["operation", "outcome"] as const,
    registers,
  });
  const webhooks = new Counter({
    name: "tda_webhook_attempts_total",
    help: "Attempts to deliver webhooks by their end: delivered, retried, dead, given_back.",
    labelNames: ["outcome"] as const,
    registers,
  });
  const circuits = new Map<string, () => keyof typeof CIRCUIT_STATES>();
  new Gauge({
    name: "tda_circuit_state",
    help: "Circuit breaker of a dependency: 0 closed, 1 half open, 2 open (calls are not attempted).",
    labelNames: ["dependency"] as const,
    registers,
    collect() {
      for (const [dependency, read] of circuits) this.set({ dependency }, CIRCUIT_STATES[read()]);
    },
  });
  return {
    jobs: new JobMetrics(registry),
    log: new LogMetrics(registry),
    streams: new StreamMetrics(registry),
    points: new PointMetrics(registry),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    json: () => registry.getMetricsAsJSON(),
    observeRequest: ({ method, endpoint, status, seconds }) => requests.observe(method, endpoint, status, seconds),
    observeComputation: ({ algorithm, dimension, seconds }) => computations.observe({ algorithm, dimension }, seconds),
    countComputation: (outcome) => outcomes.inc({ outcome }),
    countCacheLookup(result) {
      lookedUp[result]++;
    },
    countRateLimited: (code) => limited.inc({ code }),
    countWebhookAttempt: (outcome) => webhooks.inc({ outcome }),
    countSharedCache: (operation, outcome) => shared.inc({ operation, outcome }),
    watchCircuit: (dependency, read) => circuits.set(dependency, read),
    watch: (sources) => watchGauges(sources, registers),
  };
}

/** The metrics of several processes of one instance as one text: sums, and what else a metric says of itself. */
export async function aggregateMetrics(parts: readonly (readonly object[])[]): Promise<string> {
  return await AggregatorRegistry.aggregate(parts as object[][]).metrics();
}

function watchGauges(sources: GaugeSources, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("tda_cache_bytes", "Bytes of the result cache in use.", () => sources.cacheUsage().bytes);
  gauge("tda_cache_limit_bytes", "Bytes that the result cache may use.", () => sources.cacheUsage().limitBytes);
  gauge("tda_cache_entries", "Entries of the result cache.", () => sources.cacheUsage().entries);
  gauge("tda_computations_running", "Computations in the engine.", () => sources.computations().running);
  gauge("tda_computations_waiting", "Computations waiting for their turn.", () => sources.computations().waiting);
}
