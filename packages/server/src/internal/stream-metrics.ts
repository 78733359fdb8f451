import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const EVALUATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
/** Many scrapes share one look at the log. */
const LAG_MS = 2_000;

/** What a record is, as far as the metrics need it; null: it could not be decoded. */
type Consumed = { readonly kind: "points" | "flush"; readonly points: readonly unknown[] } | null;
/** What a key gave. */
type Emitted =
  | { readonly topic: "results"; readonly value: { readonly superseded_by: number | null }; readonly seconds?: number }
  | {
      readonly topic: "rejected";
      readonly value: { readonly reason: string; readonly code: string; readonly origin: string };
      readonly seconds?: number;
    };

/** The metrics of the embedded stream engine. */
export class StreamMetrics {
  readonly #registers: Registry[];
  readonly #records: Counter<"kind">;
  readonly #points: Counter;
  readonly #windows: Counter<"outcome">;
  readonly #late: Counter<"code">;
  readonly #rejected: Counter<"code">;
  readonly #gaps: Counter;
  readonly #evaluations: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registers = registers;
    this.#records = new Counter({
      name: "tda_stream_records_total",
      help: "Records of streams that were consumed: points, flush, or undecodable.",
      labelNames: ["kind"] as const,
      registers,
    });
    this.#points = new Counter({
      name: "tda_stream_points_total",
      help: "Points of the records that were consumed.",
      registers,
    });
    this.#windows = new Counter({
      name: "tda_stream_windows_total",
      help: "Windows of streams by what they gave: result, retracted, or failed.",
      labelNames: ["outcome"] as const,
      registers,
    });
    this.#late = new Counter({
      name: "tda_stream_late_total",
      help: "Points that came too late for all their windows.",
      labelNames: ["code"] as const,
      registers,
    });
    this.#rejected = new Counter({
      name: "tda_stream_rejected_total",
      help: "Points and records that were rejected for other reasons.",
      labelNames: ["code"] as const,
      registers,
    });
    this.#gaps = new Counter({
      name: "tda_stream_gaps_total",
      help: "Times that records were no longer in the log when they were to be consumed.",
      registers,
    });
    this.#evaluations = new Histogram({
      name: "tda_stream_evaluation_seconds",
      help: "Time from the firing of a window to its result, the wait for the engine and for earlier windows of the key included.",
      buckets: EVALUATION_BUCKETS,
      registers,
    });
  }

  countRecord(record: Consumed): void {
    this.#records.inc({ kind: record?.kind ?? "undecodable" });
    if (record !== null && record.points.length > 0) this.#points.inc(record.points.length);
  }

  countEmission({ topic, value, seconds }: Emitted): void {
    if (seconds !== undefined) this.#evaluations.observe(seconds);
    if (topic === "results") this.#windows.inc({ outcome: value.superseded_by === null ? "result" : "retracted" });
    else if (value.origin.startsWith("window:")) this.#windows.inc({ outcome: "failed" });
    else if (value.reason === "late") this.#late.inc({ code: value.code });
    else this.#rejected.inc({ code: value.code });
  }

  countGap(): void {
    this.#gaps.inc();
  }

  /** Called once: how many records wait in each partition of this process. */
  watch(lag: () => Promise<ReadonlyMap<number, number>>): void {
    let known: ReadonlyMap<number, number> = new Map();
    let readAt = Number.NEGATIVE_INFINITY;
    new Gauge({
      name: "tda_stream_lag_records",
      help: "Records of the topic events that this process has still to consume, by partition.",
      labelNames: ["partition"] as const,
      registers: this.#registers,
      async collect() {
        if (performance.now() - readAt > LAG_MS) {
          readAt = performance.now();
          known = await lag().catch(() => new Map<number, number>());
        }
        this.reset();
        for (const [partition, records] of known) this.set({ partition }, records);
      },
    });
  }
}
