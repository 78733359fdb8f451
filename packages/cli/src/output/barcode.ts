import type { RipsResult } from "@tda-platform/contract/compute-results";
import type { Style, Terminal } from "../terminal.ts";
import { counted, shortNumber } from "./numbers.ts";

type Bar = readonly [birth: number, death: number];

/** Heavy lines keep neighbouring bars apart; their halves give twice the resolution of the columns. */
const LINE = "━";
const LEFT_HALF = "╸";
const RIGHT_HALF = "╺";
const ARROW = "▶";
const MAX_PLOT_COLUMNS = 100;
const COLUMNS_PER_TICK = 10;
const DIMENSION_STYLES: readonly Style[] = ["blue", "red", "green", "magenta", "yellow", "cyan"];
const DIMENSION_NAMES = ["connected components", "loops", "voids"];

/**
 * The diagrams as bars, the longest of each dimension first, on one common axis. A bar that never ends has an arrow.
 * At most `barsShown` per dimension; the rest is summed up in a line.
 */
export function drawBarcode(result: RipsResult, barsShown: number, terminal: Terminal): string[] {
  const diagrams = result.diagrams.map((diagram) =>
    diagram.map(([birth, death]): Bar => [birth ?? 0, death ?? Number.POSITIVE_INFINITY]),
  );
  const axis = axisOf(diagrams, result.provenance.threshold, terminal);
  const lines: string[] = [];
  for (const [dimension, bars] of diagrams.entries()) {
    const style = DIMENSION_STYLES[dimension % DIMENSION_STYLES.length] as Style;
    const name = DIMENSION_NAMES[dimension];
    const title = terminal.style("bold", `H${dimension}${name === undefined ? "" : ` ${name}`}`);
    lines.push("", `  ${title}  ${terminal.style("dim", counted(bars.length, "bar"))}`);
    const sorted = bars.toSorted((a, b) => lengthOf(b) - lengthOf(a) || a[0] - b[0]);
    const shown = sorted.slice(0, barsShown);
    for (const [birth, death] of shown) {
      const text = `${shortNumber(birth)} → ${death === Number.POSITIVE_INFINITY ? "∞" : shortNumber(death)}`;
      lines.push(`  ${terminal.style(style, plotBar(birth, death, axis).padEnd(axis.columns))}  ${text}`.trimEnd());
    }
    const rest = sorted.slice(shown.length);
    if (rest.length > 0) {
      const longest = lengthOf(rest[0] as Bar);
      const upTo = longest === Number.POSITIVE_INFINITY ? "" : `, up to ${shortNumber(longest)} long`;
      lines.push(terminal.style("dim", `  … and ${rest.length} ${upTo === "" ? "more" : "shorter"}${upTo}`));
    }
  }
  if (diagrams.some((bars) => bars.length > 0)) lines.push("", ...axisLines(axis, terminal));
  return lines;
}

interface Axis {
  readonly start: number;
  readonly end: number;
  readonly columns: number;
}

function axisOf(diagrams: readonly (readonly Bar[])[], threshold: number | null, terminal: Terminal): Axis {
  const finite = diagrams.flat(2).filter((value) => Number.isFinite(value));
  const start = finite.reduce((least, value) => Math.min(least, value), 0);
  const end = finite.reduce((most, value) => Math.max(most, value), threshold ?? 0);
  // Room for the margin, the widest "birth → death" and the gap between.
  const columns = Math.min(MAX_PLOT_COLUMNS, terminal.columns - 26);
  return { start, end: end > start ? end : start + 1, columns };
}

/** In half columns. The last column is kept for the arrow of an essential bar. */
function plotBar(birth: number, death: number, axis: Axis): string {
  const lastColumn = axis.columns - 1;
  const scale = (2 * lastColumn) / (axis.end - axis.start);
  const from = Math.round((birth - axis.start) * scale);
  const isEssential = death === Number.POSITIVE_INFINITY;
  const to = isEssential ? 2 * lastColumn : Math.max(from + 1, Math.round((death - axis.start) * scale));
  let text = " ".repeat(Math.floor(from / 2));
  if (from % 2 === 1) text += RIGHT_HALF;
  text += LINE.repeat(Math.max(0, Math.floor(to / 2) - Math.ceil(from / 2)));
  if (to % 2 === 1) text += LEFT_HALF;
  return isEssential ? text + ARROW : text;
}

function axisLines(axis: Axis, terminal: Terminal): string[] {
  const ruler = Array.from({ length: axis.columns }, () => "─");
  const labels = Array.from({ length: axis.columns + COLUMNS_PER_TICK }, () => " ");
  const step = tickStep(axis);
  for (let tick = Math.ceil(axis.start / step); tick * step <= axis.end * (1 + Number.EPSILON); ++tick) {
    const column = Math.round(((axis.columns - 1) * (tick * step - axis.start)) / (axis.end - axis.start));
    ruler[column] = "┴";
    const label = shortNumber(tick * step);
    const from = Math.max(0, column - Math.floor(label.length / 2));
    for (const [offset, character] of [...label].entries()) labels[from + offset] = character;
  }
  return [`  ${ruler.join("")}`, `  ${labels.join("").trimEnd()}`].map((line) => terminal.style("dim", line));
}

/** 1, 2 or 5 times a power of ten, such that labels keep apart. */
function tickStep({ start, end, columns }: Axis): number {
  const least = ((end - start) * COLUMNS_PER_TICK) / columns;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function lengthOf([birth, death]: Bar): number {
  return death - birth;
}
