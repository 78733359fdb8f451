import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import { expect, it } from "vitest";
import { runTda, temporaryFolder, withoutNativeEngine } from "./run-tda.ts";

const examples = join(import.meta.dirname, "..", "..", "..", "examples");
const file = join(examples, "two-circles.csv");

it("the bundled example is what its script makes", () => {
  const made = execFileSync(process.execPath, [join(examples, "make-two-circles.mjs")], { encoding: "utf8" });
  expect(readFileSync(file, "utf8")).toBe(made);
});

it("the bundled example has two loops that stand out", async () => {
  const args = ["compute", "vietoris-rips", file, "--local", "--json"];
  const { stdout } = await runTda(args, temporaryFolder(), { env: withoutNativeEngine });
  const { diagrams, statistics } = JSON.parse(stdout) as RipsResult;
  expect(statistics.points).toBe(120);
  const lengths = (diagrams[1] ?? []).map(([birth, death]) => (death as number) - (birth as number));
  expect(lengths.filter((length) => length > 0.5)).toHaveLength(2);
  expect(Math.max(...lengths.filter((length) => length <= 0.5))).toBeLessThan(0.1);
});
