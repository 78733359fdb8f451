import type { Terminal } from "../terminal.ts";

/** Prints rows under a heading, each column as wide as its widest text. */
export function printTable(stdout: Terminal, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heading.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  stdout.line(stdout.style("bold", line(heading)));
  for (const row of rows) stdout.line(line(row));
}
