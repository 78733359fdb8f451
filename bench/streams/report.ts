// bench/results/streams.md. Medians over the rounds.
import { mebibytes, median, milliseconds, percent, table, whole } from "../format.ts";
import type { Distributed } from "./distributed.ts";
import type { ThroughputRow } from "./embedded.ts";
import type { IngestRow } from "./ingest.ts";
import { LATENCY_RATE, type LatencyRow } from "./latency.ts";
import type { MemoryRow } from "./memory.ts";
import type { Failure } from "./parts.ts";
import { type ProducerRow, SEED_RATE, TOOL_SETTINGS } from "./producers.ts";
import type { BenchSettings } from "./settings.ts";
import { targetsOf } from "./targets.ts";
import type { MachineRow, WindowCost } from "./windows.ts";

export interface Report {
  readonly machine: string;
  readonly loadBefore: number;
  readonly minutes: number;
  readonly note: string | null;
  readonly settings: BenchSettings;
  readonly embedded: {
    readonly ingest: IngestRow[] | null;
    readonly latency: { readonly rows: LatencyRow[]; readonly memory: MemoryRow[] } | null;
    readonly throughput: ThroughputRow[] | null;
  };
  readonly machineRows: MachineRow[] | null;
  readonly costs: WindowCost[] | null;
  readonly distributed: Distributed | null;
  readonly failures: readonly Failure[];
}

export function renderReport(report: Report): string {
  const { settings, embedded, distributed } = report;
  const ingest = [
    ...(embedded.ingest ?? []).map((row) => ({ log: "embedded (PostgreSQL)", ...row })),
    ...(distributed?.ingest ?? []).map((row) => ({ log: "Kafka, three brokers", ...row })),
  ];
  const latency = [...(embedded.latency?.rows ?? []), ...(distributed?.latency ?? [])];
  const memory = [...(embedded.latency?.memory ?? []), ...(distributed?.memory ?? [])];
  return [
    "# Streams: figures",
    "",
    `Made by \`npm run bench -- streams\` in ${report.minutes.toFixed(0)} minutes on ${report.machine}; servers, brokers, Flink and load generators share the machine.`,
    `Before it began, ${report.loadBefore.toFixed(1)} processes on average wanted a processor. Medians over ${settings.rounds} rounds.`,
    ...(report.note === null ? [] : ["", `**${report.note}**`]),
    "",
    "## Targets",
    "",
    ...table(["what", "target", "measured", ""], targetsOf(report), 1),
    "",
    ...(report.failures.length === 0
      ? []
      : ["Not measured:", "", ...report.failures.map(({ part, reason }) => `- ${part}: ${reason}`), ""]),
    ...producers(distributed?.producers ?? []),
    "## Ingest over HTTP",
    "",
    `${settings.ingest.connections} connections, each with one request at a time, rounds of ${settings.ingest.seconds} s; points of two coordinates, 50 of a key in a row, no Idempotency-Key. Acknowledged when durable (Kafka: by all`,
    "in-sync replicas). Nothing evaluates the points meanwhile. Processor: of the server and, where it is embedded, the database, for a point.",
    "",
    ...table(
      ["log", "requests", "points/s", "p50 ms", "p95 ms", "processor µs"],
      ingest.map(({ log, how, rounds }) => [
        log,
        how,
        whole(of(rounds, ({ points, seconds }) => points / seconds)),
        milliseconds(of(rounds, ({ p50Ms }) => p50Ms)),
        milliseconds(of(rounds, ({ p95Ms }) => p95Ms)),
        of(rounds, ({ processorMicroseconds }) => processorMicroseconds).toFixed(1),
      ]),
      2,
    ),
    "",
    "## From the last point to the result",
    "",
    `From the POST of the point that ends a window to its server-sent event: ${whole(LATENCY_RATE)} points/s of 100 keys, 100 windows of 50 points a second, diagrams in dimensions 0 and 1; ${settings.latency.seconds} s a`,
    "round, after 5 s to warm up (Flink: 30 s). A key's points are sent once its earlier ones are acknowledged.",
    "",
    ...table(
      [
        "runner",
        "requests",
        "points/s sent",
        "windows",
        "without result",
        "p50 ms",
        "p95 ms",
        "most ms",
        "202 after, p95 ms",
      ],
      latency.map(({ runner, how, rounds }) => [
        runner,
        how,
        whole(of(rounds, (one) => one.pointsPerSecond)),
        whole(rounds.reduce((sum, one) => sum + one.windows, 0)),
        whole(rounds.reduce((sum, one) => sum + one.missing, 0)),
        milliseconds(of(rounds, (one) => one.p50Ms)),
        milliseconds(of(rounds, (one) => one.p95Ms)),
        milliseconds(of(rounds, (one) => one.maxMs)),
        milliseconds(of(rounds, (one) => one.acknowledgedP95Ms)),
      ]),
      2,
    ),
    "",
    "## Points through keyed windows",
    "",
    "Windows of 50 points, exact Vietoris–Rips diagrams in dimensions 0 and 1. The state machine by itself is the runner without log, database and server. Flink reads what is in Kafka",
    "already, and what counts is the second half of its results, by the times at which they were written. Without the engine: the same job, and an engine that answers at once with nothing",
    "(`--engine-host none`).",
    "",
    ...table(
      ["what", "points/s", "windows/s"],
      throughput(report).map(([how, rate]) => [how, whole(rate), whole(rate / 50)]),
      1,
    ),
    "",
    "## Cost of a window",
    "",
    "Of the embedded runner, one engine host, by the points of a tumbling window; µs of elapsed time a window. Change: the bottleneck distance to the window before as well.",
    "",
    ...table(
      ["points", "state machine", "and diagrams", "and change"],
      (report.costs ?? []).map(({ windowPoints, machineMicroseconds, diagramsMicroseconds, changeMicroseconds }) => [
        String(windowPoints),
        machineMicroseconds.toFixed(0),
        whole(diagramsMicroseconds),
        whole(changeMicroseconds),
      ]),
      0,
    ),
    "",
    "## Memory",
    "",
    "Resident, right after the rounds of the latency above; shared pages count in each process.",
    "",
    ...table(
      ["where", "processes", "MiB together"],
      memory.map(({ where, process, count, bytes }) => [
        where,
        count === 1 ? process : `${process} (${count})`,
        mebibytes(bytes),
      ]),
      2,
    ),
    "",
  ].join("\n");
}

export function of<Round>(rounds: readonly Round[], pick: (round: Round) => number): number {
  return median(rounds.map(pick));
}

export function throughput({ embedded, machineRows, distributed }: Report): [how: string, pointsPerSecond: number][] {
  return [
    ...(machineRows ?? []).map(({ how, pointsPerSecond }): [string, number] => [how, median(pointsPerSecond)]),
    ...[...(embedded.throughput ?? []), ...(distributed?.flink ?? [])].map(({ how, rounds }): [string, number] => [
      how,
      of(rounds, ({ pointsPerSecond }) => pointsPerSecond),
    ]),
  ];
}

function producers(rows: readonly ProducerRow[]): string[] {
  return [
    "## Our producer beside Kafka's",
    "",
    `Records of 1,000 bytes into a topic of 16 partitions, three replicas, \`acks=all\`. Kafka's \`ProducerPerformance\`: ${TOOL_SETTINGS.map((one) => `\`${one}\``).join(", ")}, idempotent, without keys. Ours, the adapter that the`,
    "server appends with: idempotent, lz4, keys; a batch is sent while the next one gathers, without lingering, in calls of 100 records (at the steady rate: of one). The same payloads, in turn; starting up",
    "(of the JVM's compiler too) counts on both sides.",
    "",
    ...table(
      [
        "load",
        "ours, records/s",
        "Kafka's, records/s",
        "of Kafka's",
        "ours p50 ms",
        "p95 ms",
        "Kafka's p50 ms",
        "p95 ms",
      ],
      rows.map(({ how, ours, tool }) => [
        how,
        whole(of(ours, ({ recordsPerSecond }) => recordsPerSecond)),
        whole(of(tool, ({ recordsPerSecond }) => recordsPerSecond)),
        percent(ratioOf({ how, ours, tool })),
        milliseconds(of(ours, ({ p50Ms }) => p50Ms)),
        milliseconds(of(ours, ({ p95Ms }) => p95Ms)),
        milliseconds(of(tool, ({ p50Ms }) => p50Ms)),
        milliseconds(of(tool, ({ p95Ms }) => p95Ms)),
      ]),
      1,
    ),
    "",
    `The seed asked for ${whole(SEED_RATE)} messages/s at a p95 of 100 ms.`,
    "",
  ];
}

/** Median of the rounds' own ratios. */
export function ratioOf({ ours, tool }: ProducerRow): number {
  return median(ours.map(({ recordsPerSecond }, round) => recordsPerSecond / tool[round]!.recordsPerSecond));
}
