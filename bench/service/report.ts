import { mebibytes, median, milliseconds, percent, table, whole } from "../format.ts";
import type { JobRow } from "./jobs.ts";
import type { CallRow } from "./requests.ts";
import type { Soak } from "./soak.ts";
import type { UploadRow } from "./uploads.ts";

export interface Report {
  readonly machine: string;
  readonly settings: { readonly seconds: number; readonly rounds: number; readonly connections: number };
  readonly idle: { readonly api: number; readonly all: number };
  readonly requests: readonly CallRow[];
  readonly jobs: readonly JobRow[];
  readonly uploads: readonly UploadRow[];
  readonly soak: Soak;
}

/** bench/results/service.md. Medians over the rounds; a ratio is the median of the rounds' own ratios. */
export function renderReport(report: Report): string {
  const { seconds, rounds, connections } = report.settings;
  return [
    "# The service: figures",
    "",
    `Made by \`npm run bench -- service\` on ${report.machine}; server, database, yardsticks and load generator share the machine.`,
    "Default settings: authentication by API key, limits, cache, audit, metrics and logs on; the embedded PostgreSQL; one server process.",
    "",
    "## Requests",
    "",
    `20 points a computation, dimension ≤ 1. ${rounds} alternating rounds of ${seconds} s, ${connections} connections.`,
    "Machine: the share of all processors that was busy, with the load generator. Product: processors that server, engine and database took.",
    "",
    ...table(
      ["call", "requests/s", "of bare", "p50 ms", "p95 ms", "machine", "product", "network MB/s", "disk MB/s"],
      report.requests.map((row) => callCells(row, report.requests)),
      1,
    ),
    "",
    "Targets: 1,000 requests/s at a p95 of 50 ms (reach 5,000), at least half of bare on the cached path; 70–85 % of the processors at saturation.",
    "",
    "## Jobs",
    "",
    "Jobs of 20 points, each a new input, from the first request to the last result stored. Target: 500 jobs/s.",
    "",
    ...table(
      ["how", "jobs", "jobs/s", "acknowledged/s", "server MiB after"],
      report.jobs.map(({ how, jobs, seconds: all, submittedSeconds, apiBytes }) => [
        how,
        whole(jobs),
        whole(jobs / all),
        whole(jobs / submittedSeconds),
        mebibytes(apiBytes),
      ]),
      1,
    ),
    "",
    "## Memory",
    "",
    `Idle: ${mebibytes(report.idle.api)} MiB the server process, ${mebibytes(report.idle.all)} MiB with engine and database (shared pages counted in each).`,
    `A soak of ${report.soak.seconds} s, ${whole(report.soak.requests)} requests (cached, and new inputs of 20 and 120 points); medians of each tenth of the time. Target: 400 MiB the server process.`,
    "",
    ...table(
      ["tenth", ...report.soak.apiBytes.map((_, i) => String(i + 1))],
      [
        ["server MiB", ...report.soak.apiBytes.map(mebibytes)],
        ["all MiB", ...report.soak.allBytes.map(mebibytes)],
      ],
      1,
    ),
    "",
    "## Uploads",
    "",
    "Streamed, inspected, hashed and encrypted (AES-256-GCM) into the folder store, and back. Memory: the server process before and at most.",
    "",
    ...table(
      ["file", "up MiB/s", "down MiB/s", "before MiB", "at most MiB"],
      report.uploads.map(({ what, bytes, uploadSeconds, downloadSeconds, idleBytes, peakBytes }) => [
        what,
        whole(bytes / 2 ** 20 / uploadSeconds),
        whole(bytes / 2 ** 20 / downloadSeconds),
        mebibytes(idleBytes),
        mebibytes(peakBytes),
      ]),
      1,
    ),
    "",
  ].join("\n");
}

function callCells(row: CallRow, all: readonly CallRow[]): string[] {
  const of = (pick: (round: CallRow["rounds"][number]) => number) => median(row.rounds.map(pick));
  const beside = all.find(({ name }) => name === row.beside);
  const ratio =
    beside === undefined
      ? ""
      : percent(median(row.rounds.map((one, i) => one.requestsPerSecond / beside.rounds[i]!.requestsPerSecond)));
  const isOurs = beside !== undefined;
  return [
    row.name,
    whole(of((one) => one.requestsPerSecond)),
    ratio,
    milliseconds(of((one) => one.p50Ms)),
    milliseconds(of((one) => one.p95Ms)),
    percent(of((one) => one.machineShare)),
    isOurs ? of((one) => one.productProcessors).toFixed(2) : "",
    megabytes(of((one) => one.networkBytesPerSecond)),
    isOurs ? megabytes(of((one) => one.diskBytesPerSecond)) : "",
  ];
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
