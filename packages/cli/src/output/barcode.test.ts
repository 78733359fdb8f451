import type { RipsResult } from "@tda-platform/contract/compute-results";
import { describe, expect, it } from "vitest";
import type { Terminal } from "../terminal.ts";
import { drawBarcode } from "./barcode.ts";

const terminal = (columns: number): Terminal => ({
  isTty: false,
  columns,
  write: () => undefined,
  line: () => undefined,
  style: (_, text) => text,
});

function result(diagrams: RipsResult["diagrams"], threshold: number | null = 2): RipsResult {
  return { diagrams, provenance: { threshold } } as unknown as RipsResult;
}

const barOf = (lines: readonly string[], text: string): string => lines.find((line) => line.endsWith(text)) ?? "";

describe("drawBarcode", () => {
  it("draws bars to scale: twice as long is twice as many columns", () => {
    const lines = drawBarcode(
      result([
        [
          [0, 0.5],
          [0, 1],
          [0, null],
        ],
      ]),
      8,
      terminal(76),
    );
    const columns = (text: string): number => [...barOf(lines, text)].filter((cell) => cell === "━").length;
    expect(columns("0 → 1")).toBe(24);
    expect(columns("0 → 0.5")).toBe(12);
    expect(barOf(lines, "0 → ∞")).toContain("▶");
  });

  it("starts a bar where it is born", () => {
    const line = barOf(drawBarcode(result([[[1, 2]]]), 8, terminal(76)), "1 → 2");
    expect(line.indexOf("━")).toBe(2 + 24 + 1);
  });

  it("shows the longest first and sums up the rest", () => {
    const bars = Array.from({ length: 10 }, (_, k): [number, number] => [0, (k + 1) / 10]);
    const lines = drawBarcode(result([bars]), 3, terminal(80));
    const shown = lines.filter((line) => line.includes("→"));
    expect(shown.map((line) => line.slice(line.indexOf("→")))).toEqual(["→ 1", "→ 0.9", "→ 0.8"]);
    expect(lines.join("\n")).toContain("… and 7 shorter, up to 0.7 long");
  });

  it("does not call bars shorter that never end", () => {
    const lines = drawBarcode(
      result([
        [
          [0, null],
          [0, null],
          [0, null],
        ],
      ]),
      1,
      terminal(80),
    );
    expect(lines.join("\n")).toContain("… and 2 more");
  });

  it("keeps to the columns of the terminal", () => {
    for (const columns of [40, 60, 80, 200]) {
      const diagrams = [
        [
          [0, 1.2345678],
          [0, null],
        ],
        [[0.1234567, 1.9876543]],
      ] as RipsResult["diagrams"];
      for (const line of drawBarcode(result(diagrams), 8, terminal(columns))) {
        expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
  });

  it("marks even the shortest bar", () => {
    expect(barOf(drawBarcode(result([[[1, 1.0000001]]]), 8, terminal(80)), "→ 1")).toMatch(/[╸╺━]/);
  });

  it("needs no finite number", () => {
    const empty = drawBarcode(result([[], []], null), 8, terminal(80)).join("\n");
    expect(empty).toMatch(/H0.*0 bars/);
    expect(empty).not.toContain("┴");
    expect(drawBarcode(result([[[0, null]]], 0), 8, terminal(80)).join("\n")).toContain("▶");
  });
});
