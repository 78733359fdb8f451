import { mebibytes, median, milliseconds, percent, table, whole } from "../format.ts";
import type { Measured } from "./load.ts";

export const kinds = ["bareBytes", "bareObject", "cached", "uncached"] as const;
export type Kind = (typeof kinds)[number];

const labels: Readonly<Record<Kind, string>> = {
  bareBytes: "bare route, sends ready bytes",
  bareObject: "bare route, returns an object",
  cached: "cached",
  uncached: "uncached, each a new input",
};

export interface Row {
  readonly payload: string;
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly measured: Readonly<Record<Kind, readonly Measured[]>>;
}

interface Resident {
  readonly server: number;
  readonly engine: number;
  readonly database: number;
}

export interface Memory {
  readonly requests: number;
  readonly idle: Resident;
  readonly after: Resident;
}

export interface StartTimes {
  readonly firstSeconds: readonly number[];
  readonly secondSeconds: readonly number[];
}

export interface Report {
  readonly rows: readonly Row[];
  readonly memory: Memory;
  readonly starts: StartTimes;
  readonly settings: { readonly seconds: number; readonly rounds: number; readonly connections: number };
  readonly machine: string;
}

/** bench/results/http.md. Medians over the rounds; a ratio is the median of the rounds' own ratios. */
export function renderReport({ rows, memory, starts, settings, machine }: Report): string {
  const throughput = rows.flatMap((row) =>
    kinds.map((kind) => {
      const measured = row.measured[kind];
      const of = (pick: (one: Measured) => number) => median(measured.map(pick));
      const ratioTo = (other: "bareBytes" | "bareObject") =>
        median(measured.map((one, round) => one.requestsPerSecond / row.measured[other][round]!.requestsPerSecond));
      const isBare = kind === "bareBytes" || kind === "bareObject";
      return [
        kind === "bareBytes"
          ? `${row.payload} (${kilobytes(row.requestBytes)} in, ${kilobytes(row.answerBytes)} out)`
          : "",
        labels[kind],
        whole(of((one) => one.requestsPerSecond)),
        isBare ? "" : percent(ratioTo("bareBytes")),
        isBare ? "" : percent(ratioTo("bareObject")),
        milliseconds(of((one) => one.p50Ms)),
        milliseconds(of((one) => one.p95Ms)),
        milliseconds(of((one) => one.p99Ms)),
      ];
    }),
  );
  const resident = (name: string, pick: (one: Resident) => number) => [
    name,
    mebibytes(pick(memory.idle)),
    mebibytes(pick(memory.after)),
  ];
  return [
    "# HTTP: figures",
    "",
    `Made by \`npm run bench -- http\` on ${machine}; server, yardstick and load generator share the machine.`,
    "",
    "## Requests",
    "",
    `\`POST /v1/compute/vietoris-rips\` with default settings (authentication, cache, metrics and logs on), dimension ≤ 1,`,
    `against bare Fastify routes that parse the same body and send the same answer. ${settings.rounds} alternating rounds of`,
    `${settings.seconds} s, ${settings.connections} connections; medians over the rounds.`,
    "",
    ...table(["payload", "what", "requests/s", "of bytes", "of object", "p50 ms", "p95 ms", "p99 ms"], throughput, 2),
    "",
    "## Resident memory",
    "",
    `MiB, summed over the processes of each kind (shared pages counted in each). Requests: 120 points, each a new input.`,
    "",
    ...table(
      ["process", "idle", `after ${memory.requests.toLocaleString("en-US")} requests`],
      [
        resident("server (Node.js)", (one) => one.server),
        resident("engine processes", (one) => one.engine),
        resident("embedded PostgreSQL", (one) => one.database),
      ],
      2,
    ),
    "",
    "## Time to ready",
    "",
    `From \`npm start\`, installed and built, to the first 200 of \`/health/ready\`; median of ${starts.firstSeconds.length}.`,
    "",
    ...table(
      ["start", "seconds"],
      [
        ["first (new data folder)", median(starts.firstSeconds).toFixed(2)],
        ["second", median(starts.secondSeconds).toFixed(2)],
      ],
      2,
    ),
    "",
  ].join("\n");
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
