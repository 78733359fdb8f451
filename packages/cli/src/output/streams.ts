import type { Stream, StreamResultView } from "@tda-platform/contract/streams";
import type { Terminal } from "../terminal.ts";
import { counted, shortNumber } from "./numbers.ts";
import { printTable } from "./table.ts";

/** A stream in a few lines: what it takes together, what it computes, and when it calls. */
export function printStream(stdout: Terminal, stream: Stream): void {
  const { id, status, name, version, window, point_dimension: dimension, outputs, embedding, change, alerts } = stream;
  const sizes = Object.entries(window).filter(([field, value]) => field !== "type" && value !== null);
  stdout.line(`${stdout.style("bold", id)}  ${status}  ${name}`);
  const lines = [
    `${window.type} windows: ${sizes.map(([field, value]) => `${field} ${value}`).join(", ")}`,
    `points of ${counted(dimension, "number")}, outputs ${outputs.join(", ")}, version ${version}`,
    ...(embedding.type === "none"
      ? []
      : [
          `${embedding.type} embedding: dimension ${embedding.dimension}, delay ${embedding.delay}, skip ${embedding.skip}`,
        ]),
    ...(change === null
      ? []
      : [
          `change: ${change.distance} distance in H${change.dimensions.join(", H")}, z over the last ${change.history}`,
        ]),
    ...alerts.map(
      ({ name: rule, level, run_length: run, cool_down: rest, callback_url: url }) =>
        `alert ${rule}: z of at least ${level} in ${counted(run, "window")} in a row, then none for ${rest}${url === null ? "" : `; to ${url}`}`,
    ),
    `made ${stream.created_at}, changed ${stream.updated_at}`,
  ];
  for (const line of lines) stdout.line(stdout.style("dim", line));
}

const HEADING = ["window", "end", "key", "revision", "points", "summary"];
/** Of what comes line by line: times are as wide as this, keys mostly not wider. */
const LIVE_WIDTHS = [24, 24, 8, 8, 6, 0];

export function printResults(stdout: Terminal, results: readonly StreamResultView[]): void {
  printTable(stdout, HEADING, results.map(rowOf));
}

export function printLiveHeading(stdout: Terminal): void {
  stdout.line(stdout.style("bold", liveLine(HEADING)));
}

export function printLiveResult(stdout: Terminal, result: StreamResultView): void {
  stdout.line(liveLine(rowOf(result)));
}

function liveLine(cells: readonly string[]): string {
  return cells
    .map((cell, column) => cell.padEnd(LIVE_WIDTHS[column] ?? 0))
    .join("  ")
    .trimEnd();
}

function rowOf({ window_start, window_end, key, revision, points, ...rest }: StreamResultView): string[] {
  return [window_start, window_end, key === "" ? "-" : key, String(revision), String(points), summaryOf(rest)];
}

function summaryOf({
  diagrams,
  outputs,
  alerts,
  superseded,
}: Pick<StreamResultView, "diagrams" | "outputs" | "alerts" | "superseded">): string {
  const { persistence_entropy: entropy, total_persistence: total, change_score: score } = outputs;
  const ofDimensions = (name: string, values: readonly (number | null)[] | undefined): string[] =>
    values === undefined ? [] : [`${name} ${values.map(text).join("/")}`];
  return [
    ...(superseded ? ["superseded"] : []),
    ...ofDimensions(
      "bars",
      diagrams?.map((diagram) => diagram.length),
    ),
    ...ofDimensions("entropy", entropy),
    ...ofDimensions("total", total),
    ...(score === undefined ? [] : [`distance ${text(score.distance)}, z ${text(score.z_score)}`]),
    ...alerts.map((name) => `ALERT ${name}`),
  ].join("; ");
}

function text(value: number | null): string {
  return value === null ? "-" : shortNumber(value);
}
