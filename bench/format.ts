/** How result pages write figures. */

/** A table of Markdown; the first `texts` columns are text, the others numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts: number): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index < texts ? "---" : "---:"))), ...rows.map(line)];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
export const percent = (ratio: number): string => `${whole(ratio * 100)} %`;
export const mebibytes = (bytes: number): string => whole(bytes / 2 ** 20);
export const milliseconds = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
