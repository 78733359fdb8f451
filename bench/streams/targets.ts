// What was to be reached, beside what was.
import { milliseconds, percent, whole } from "../format.ts";
import type { LatencyRow } from "./latency.ts";
import { of, type Report, ratioOf, throughput } from "./report.ts";

type Cells = [what: string, target: string, measured: string, mark: string];

export function targetsOf(report: Report): Cells[] {
  const { embedded, distributed } = report;
  const [fast, steady] = distributed?.producers ?? [];
  const rates = new Map(throughput(report));
  const rateOf = (start: string) => [...rates].find(([how]) => how.startsWith(start))?.[1] ?? null;
  const ingest = (rows: Report["embedded"]["ingest"], at: number) => {
    const row = rows?.[at];
    return row === undefined ? null : of(row.rounds, ({ points, seconds }) => points / seconds);
  };
  return [
    atLeast("our producer's records/s, of Kafka's own tool", 0.8, fast === undefined ? null : ratioOf(fast), percent),
    atLeast(
      "messages/s of our producer (seed 10,000)",
      100_000,
      fast === undefined ? null : of(fast.ours, (one) => one.recordsPerSecond),
    ),
    atMost(
      "p95 of a message at 10,000/s, ms (seed 100)",
      50,
      steady === undefined ? null : of(steady.ours, (one) => one.p95Ms),
    ),
    atLeast("ingest over HTTP, embedded, batches of 100: points/s", 100_000, ingest(embedded.ingest, 0)),
    atLeast("ingest over HTTP, embedded, batches of 1,000: points/s", 100_000, ingest(embedded.ingest, 1)),
    atLeast("ingest over HTTP, Kafka, batches of 100: points/s", 100_000, ingest(distributed?.ingest ?? null, 0)),
    atLeast("ingest over HTTP, Kafka, batches of 1,000: points/s", 100_000, ingest(distributed?.ingest ?? null, 1)),
    atLeast("Flink through keyed windows without the engine: points/s (seed 5,000)", 100_000, rateOf("Flink without")),
    atLeast("Flink with Vietoris–Rips: points/s", 20_000, rateOf("Flink with the")),
    atLeast("embedded runner with Vietoris–Rips, all in one server: points/s", 20_000, rateOf("embedded server")),
    atMost("POST of the last point → event, embedded: p95 ms (seed 200)", 100, p95Of(embedded.latency?.rows ?? null)),
    atMost(
      "POST of the last point → event, Kafka and Flink: p95 ms (seed 200)",
      100,
      p95Of(distributed?.latency ?? null),
    ),
  ];
}

/** The worse of the two ways to send. */
function p95Of(rows: readonly LatencyRow[] | null): number | null {
  return rows === null ? null : Math.max(...rows.map(({ rounds }) => of(rounds, ({ p95Ms }) => p95Ms)));
}

function atLeast(what: string, target: number, value: number | null, format = whole): Cells {
  return [
    what,
    `≥ ${format(target)}`,
    value === null ? "not measured" : format(value),
    mark(value !== null && value >= target),
  ];
}

function atMost(what: string, target: number, value: number | null): Cells {
  return [
    what,
    `≤ ${whole(target)}`,
    value === null ? "not measured" : milliseconds(value),
    mark(value !== null && value <= target),
  ];
}

const mark = (isReached: boolean): string => (isReached ? "✓" : "✗");
