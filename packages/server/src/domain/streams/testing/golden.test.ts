import { readdir, readFile } from "node:fs/promises";
import { createHostPool } from "@tda-platform/engine";
import type { Engine } from "@tda-platform/engine/types";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GOLDEN_CASES } from "./golden/all-cases.ts";
import { streamLog } from "./log-arbitrary.ts";
import { hexOf, runLog } from "./run-log.ts";
import { fileOf, logOf, type VectorFile } from "./vector.ts";

const folder = new URL("../../../../../../streaming/golden/", import.meta.url);

let engine: Engine;
beforeAll(async () => {
  engine = await createHostPool({ size: 1 });
});
afterAll(() => engine.close());

/** What a person has worked out. Values of curves may be a rounding apart from it: the vectors themselves hold every bit. */
function close(value: unknown): unknown {
  if (typeof value === "number" && !Number.isInteger(value)) return expect.closeTo(value, 12);
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, close(field)]));
}

describe("golden cases, as a person expects them", () => {
  it.each(GOLDEN_CASES)("$name: $summary", async ({ log, expected }) => {
    const { results, rejected } = await runLog(engine, log);
    expect(rejected).toMatchObject(expected.rejected);
    expect(results).toMatchObject(expected.results.map(close));
  });
});

describe("golden vectors", () => {
  it.each(GOLDEN_CASES)(
    "$name: the file is of the case, and gives its bytes",
    async ({ name, summary, log, expected }) => {
      const text = await readFile(new URL(`${name}.json`, folder), "utf8");
      const file = JSON.parse(text) as VectorFile;
      const written = fileOf(log, { summary, results: file.results, rejected: file.rejected, readable: expected });
      expect(file).toEqual(JSON.parse(JSON.stringify(written)));
      expect(hexOf(await runLog(engine, logOf(file)))).toEqual({ results: file.results, rejected: file.rejected });
    },
  );

  it.each(GOLDEN_CASES)("$name: the same, saved and opened again after each record", async ({ log }) => {
    expect(hexOf(await runLog(engine, log, { reopens: true }))).toEqual(hexOf(await runLog(engine, log)));
  });

  it("are no more than the cases", async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json") && name !== "partitioner.json");
    expect(names.sort()).toEqual(GOLDEN_CASES.map(({ name }) => `${name}.json`).sort());
  });
});

describe("random logs", () => {
  it("give the same bytes when everything is saved and opened again after each record", async () => {
    for (const log of fc.sample(streamLog(), { seed: 4, numRuns: 60 })) {
      expect(hexOf(await runLog(engine, log, { reopens: true }))).toEqual(hexOf(await runLog(engine, log)));
    }
  });
});
