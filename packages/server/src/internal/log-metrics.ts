import { Counter, Gauge, type Registry } from "prom-client";

interface Backlog {
  readonly rows: number;
  readonly oldestSeconds: number;
}

/** Counting reads an index: many scrapes share one count. */
const BACKLOG_MS = 5_000;

/** The metrics of the event log, whichever it is, and of the outbox before it. */
export class LogMetrics {
  readonly #registers: Registry[];
  readonly #produced: Counter<"topic" | "status">;
  readonly #errors: Counter;

  constructor(registry: Registry) {
    this.#registers = [registry];
    this.#produced = new Counter({
      name: "tda_kafka_messages_produced",
      help: "Records that were given to the event log: acknowledged by it, or failed with unknown outcome. Of the embedded log too.",
      labelNames: ["topic", "status"] as const,
      registers: this.#registers,
    });
    this.#errors = new Counter({
      name: "tda_kafka_producer_errors",
      help: "Appends to the event log that failed. Of the embedded log too.",
      registers: this.#registers,
    });
  }

  countProduced(topic: string, status: "acknowledged" | "failed", records: number): void {
    this.#produced.inc({ topic, status }, records);
  }

  countProducerError(): void {
    this.#errors.inc();
  }

  /** Called once: what waits in the outbox is read from the database. */
  watchOutbox(read: () => Promise<Backlog>): void {
    let known: Promise<Backlog | null> | null = null;
    let readAt = Number.NEGATIVE_INFINITY;
    const backlog = (): Promise<Backlog | null> => {
      if (known === null || performance.now() - readAt > BACKLOG_MS) {
        readAt = performance.now();
        known = read().catch(() => null);
      }
      return known;
    };
    this.#gauge("tda_outbox_backlog", "Events of all projects that the log does not have yet.", backlog, "rows");
    const age = "Age of the oldest event that the log does not have yet.";
    this.#gauge("tda_outbox_backlog_age_seconds", age, backlog, "oldestSeconds");
  }

  #gauge(name: string, help: string, backlog: () => Promise<Backlog | null>, part: keyof Backlog): void {
    new Gauge({
      name,
      help,
      registers: this.#registers,
      // Every process of an instance reads the same.
      aggregator: "max",
      async collect() {
        const read = await backlog();
        this.reset();
        if (read !== null) this.set(read[part]);
      },
    });
  }
}
