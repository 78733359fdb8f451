import { Counter, type Registry } from "prom-client";

/** The metrics of points on their way in, and of results on their way to the database. */
export class PointMetrics {
  readonly #points: Counter<"outcome">;
  readonly #stored: Counter<"topic">;
  readonly #skipped: Counter<"topic">;
  readonly #divergence: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#points = new Counter({
      name: "tda_ingest_points_total",
      help: "Points of requests: accepted ones are durable in the log, rejected ones are wrong, quarantined ones ahead of the clock.",
      labelNames: ["outcome"] as const,
      registers,
    });
    this.#stored = new Counter({
      name: "tda_sink_records_total",
      help: "Results and rejected points that the sink of this process stored.",
      labelNames: ["topic"] as const,
      registers,
    });
    this.#skipped = new Counter({
      name: "tda_sink_skipped_total",
      help: "Records that the sink left out: they cannot be read, or were deleted before they were stored.",
      labelNames: ["topic"] as const,
      registers,
    });
    this.#divergence = new Counter({
      name: "tda_results_divergence_total",
      help: "Results that differ from what is stored under their name. The first one stays.",
      registers,
    });
  }

  countPoints(outcome: "accepted" | "rejected" | "quarantined", count: number): void {
    if (count > 0) this.#points.inc({ outcome }, count);
  }

  countStored(topic: string, count: number): void {
    if (count > 0) this.#stored.inc({ topic }, count);
  }

  countSkipped(topic: string, count: number): void {
    this.#skipped.inc({ topic }, count);
  }

  countDivergence(count: number): void {
    this.#divergence.inc(count);
  }
}
