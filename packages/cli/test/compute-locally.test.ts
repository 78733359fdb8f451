import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import { describe, expect, it } from "vitest";
import { runTda, temporaryFolder, withoutNativeEngine } from "./run-tda.ts";

const folder = temporaryFolder();
const env = withoutNativeEngine;
const square = "0,0\n1,0\n1,1\n0,1\n";
writeFileSync(join(folder, "square.csv"), square);

const compute = (...args: string[]): string[] => ["compute", "vietoris-rips", ...args, "--local"];

async function resultOf(args: readonly string[], stdin?: string | Uint8Array): Promise<RipsResult> {
  const { code, stdout, stderr } = await runTda(args, folder, { env, ...(stdin === undefined ? {} : { stdin }) });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as RipsResult;
}

describe("tda compute --local", () => {
  it("prints the answer of the HTTP API", async () => {
    const result = await resultOf(compute("square.csv", "--json"));
    expect(result).toMatchObject({
      algorithm: "vietoris-rips",
      parameters: { metric: "euclidean", max_dimension: 1, threshold: null, coefficient_field: 2 },
      provenance: { engine: "typescript", truncated: false, scale: "diameter" },
      statistics: { points: 4, edges: 6 },
    });
    expect(result.diagrams[1]).toEqual([[1, Math.SQRT2]]);
    expect(result.id).toMatch(/^cmp_/);
  });

  it("draws a barcode without colours where there is no terminal", async () => {
    const { code, stdout, stderr } = await runTda(compute("square.csv"), folder, { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/H0 .*4 bars/);
    expect(stdout).toMatch(/H1 .*1 bar$/m);
    expect(stdout).toMatch(/━.*1 → 1\.414$/m);
    expect(stdout).toMatch(/▶ +0 → ∞$/m);
    expect(stdout + stderr).not.toContain("\u001b");
    expect(stderr).toBe("");
  });

  it("colours where it is asked to", async () => {
    const { stdout } = await runTda(compute("square.csv"), folder, { env: { ...env, NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(stdout).toContain("\u001b[");
  });

  it("reads standard input", async () => {
    const result = await resultOf(compute("-", "--json"), square);
    expect(result.diagrams[1]).toEqual([[1, Math.SQRT2]]);
  });

  it("passes every parameter on", async () => {
    const options = ["--max-dimension", "2", "--threshold", "1.2", "--coefficient-field", "7", "--metric", "minkowski"];
    const more = ["--minkowski-p", "3", "--edge-collapse", "on", "--threads", "2", "--memory-limit", "64MiB"];
    const { parameters } = await resultOf(compute("square.csv", "--json", ...options, ...more));
    expect(parameters).toMatchObject({
      max_dimension: 2,
      threshold: 1.2,
      coefficient_field: 7,
      metric: "minkowski",
      minkowski_p: 3,
      edge_collapse: "on",
      threads: 2,
      memory_limit_bytes: 64 * 1024 * 1024,
    });
  });

  it("passes the kind of representatives on, which the engine without a compiler refuses", async () => {
    const { code, stdout, stderr } = await runTda(compute("square.csv", "--representatives", "cycles"), folder, {
      env,
    });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("not_supported");
  });

  it("reads Ripser's lower-distance files", async () => {
    const lower = [1, Math.SQRT2, 1, 1, Math.SQRT2, 1].map(Math.fround);
    writeFileSync(join(folder, "square.lower_distance_matrix"), "1\n1.5,1\n1,1.5,1\n");
    writeFileSync(join(folder, "square.ldm.bin"), new Uint8Array(Float32Array.from(lower).buffer));
    const text = await resultOf(compute("square.lower_distance_matrix", "--json"));
    expect(text.diagrams[1]).toEqual([[1, 1.5]]);
    const binary = await resultOf(compute("square.ldm.bin", "--json", "--threshold", String(Math.SQRT2)));
    expect(binary.diagrams[1]).toEqual([[1, Math.fround(Math.SQRT2)]]);
    expect(binary.parameters.metric).toBeNull();
  });

  it("reads a matrix from CSV only when told that it is one", async () => {
    writeFileSync(join(folder, "matrix.csv"), "0,1,4\n1,0,2\n4,2,0\n");
    const distances = await resultOf(compute("matrix.csv", "--json", "--input-kind", "distances"));
    expect(distances.diagrams[0]).toEqual([
      [0, 1],
      [0, 2],
      [0, null],
    ]);
    const points = await resultOf(compute("matrix.csv", "--json"));
    expect(points.parameters.metric).toBe("euclidean");
    expect(points.diagrams[0]).not.toEqual(distances.diagrams[0]);
  });

  it("writes the answer or its bars to a file, whole, and nothing beside it", async () => {
    const target = join(folder, "out");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(target);
    const result = await resultOf(compute("square.csv", "--json", "--output", join(target, "diagram.json")));
    expect(JSON.parse(readFileSync(join(target, "diagram.json"), "utf8"))).toEqual(result);
    await resultOf(compute("square.csv", "--json", "--output", join(target, "bars.csv")));
    expect(readFileSync(join(target, "bars.csv"), "utf8")).toBe(
      `dimension,birth,death\n0,0,1\n0,0,1\n0,0,1\n0,0,inf\n1,1,${Math.SQRT2}\n`,
    );
    expect(readdirSync(target).sort()).toEqual(["bars.csv", "diagram.json"]);
  });
});

describe("what is refused", () => {
  const failing: [string, string[], number, RegExp][] = [
    ["a missing file", ["absent.csv"], 1, /absent\.csv/],
    ["a folder", ["."], 1, /folder/],
    ["an unknown kind of file", ["unknown.txt"], 2, /--format/],
    ["rows of unequal length", ["ragged.csv"], 1, /ragged_rows/],
    ["a composite field", ["square.csv", "--coefficient-field", "4"], 1, /invalid_coefficient_field/],
    ["a dimension beyond the engine's", ["square.csv", "--max-dimension", "17"], 1, /dimension_limit_exceeded/],
    ["a memory budget too small", ["square.csv", "--memory-limit", "10"], 1, /memory_limit_exceeded/],
    ["a lower triangle of the wrong size", ["square.csv", "--format", "lower-distance"], 1, /triangle/],
    ["half a float", ["odd.bin"], 1, /float32/],
    ["points in a file of distances", ["odd.ldm", "--input-kind", "points"], 2, /--input-kind/],
    ["an output of no known format", ["square.csv", "--output", "x.parquet"], 2, /\.json or \.csv/],
    ["an output that cannot be written", ["square.csv", "--output", "no/such/folder.json"], 1, /cannot be written/],
    ["a server for a local computation", ["square.csv", "--server", "http://127.0.0.1:1"], 2, /--server/],
    ["a number that is none", ["square.csv", "--threshold", "wide"], 2, /threshold/],
    ["an unknown option", ["square.csv", "--treshold", "1"], 2, /--threshold/],
    ["an unknown metric", ["square.csv", "--metric", "hamming"], 2, /euclidean/],
  ];
  writeFileSync(join(folder, "unknown.txt"), square);
  writeFileSync(join(folder, "ragged.csv"), "0,0\n1\n");
  writeFileSync(join(folder, "odd.bin"), new Uint8Array(7));
  writeFileSync(join(folder, "odd.ldm"), "1 2 3");

  it.each(failing)("%s", async (_, args, code, sentence) => {
    const end = await runTda(compute(...args), folder, { env });
    expect(end.code, end.stderr).toBe(code);
    expect(end.stderr).toMatch(sentence);
    expect(end.stdout).toBe("");
    expect(end.stderr).not.toMatch(/\.ts:\d+/);
  });

  it("names the place in the input", async () => {
    const { code, stderr } = await runTda(compute("-"), folder, { env, stdin: "x,y\n0,0\n1,one\n" });
    expect(code).toBe(1);
    expect(stderr).toContain("/points/1/1");
    expect(stderr).toMatch(/Line 3/);
  });
});
