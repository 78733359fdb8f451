/**
 * `npm run bench -- wasm`: the WebAssembly engine beside the native one, without vectors beyond the processor's baseline and with the best it has,
 * in one process, in alternating rounds, one thread each. Writes bench/results/wasm.md.
 *
 * options: --rounds N (7), --output FILE
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { defaultAddonFile, defaultWasmFile } from "../../packages/engine/src/locate-build.ts";
import { toNativeInput, toNativeOptions } from "../../packages/engine/src/native-call.ts";
import type { EngineInput, VietorisRipsOptions } from "../../packages/engine/src/types.ts";
import { createWasmEngine } from "../../packages/engine/src/wasm/index.ts";
import { randomDistances, randomNumbers, randomPoints } from "../../packages/engine/test/support/inputs.ts";

const repository = join(import.meta.dirname, "..", "..");
const { values: settings } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    output: { type: "string", default: join(repository, "bench", "results", "wasm.md") },
  },
});
const rounds = Number(settings.rounds);

interface Workload {
  readonly name: string;
  readonly input: EngineInput;
  readonly maxDimension: number;
  readonly threshold?: number;
}

/** Points of the sphere by normalising points of the cube's inside: not uniform, which is all the same here. */
function sphere(count: number): EngineInput {
  const values = randomNumbers(3 * count, 5).map((value) => 2 * value - 1);
  for (let i = 0; i < values.length; i += 3) {
    const norm = Math.hypot(...values.subarray(i, i + 3));
    for (let k = 0; k < 3; k++) values[i + k] = (values[i + k] as number) / norm;
  }
  return { kind: "points", values, rows: count, columns: 3, metric: "euclidean", minkowskiP: null };
}

const workloads: readonly Workload[] = [
  { name: "192 points of a sphere", input: sphere(192), maxDimension: 2 },
  { name: "1,000 points of a cube", input: randomPoints(1_000, 3), maxDimension: 1 },
  {
    name: "20,000 points of a square, threshold 0.05",
    input: randomPoints(20_000, 2),
    maxDimension: 1,
    threshold: 0.05,
  },
  { name: "random distances of 60 points", input: randomDistances(60), maxDimension: 3 },
];

interface Answer {
  readonly diagrams: readonly Float64Array[];
  readonly simdTarget: string;
}
type Program = (input: EngineInput, options: VietorisRipsOptions) => Promise<Answer>;

interface Addon {
  vietorisRips(
    input: object,
    options: object,
    onProgress: null,
    onDone: (
      error: { message: string } | null,
      result: { diagrams: Float64Array[]; statistics: { simdTarget: number } },
    ) => void,
  ): object;
}

const addon: Addon = createRequire(import.meta.url)(defaultAddonFile());
const targets = ["auto", "baseline", "avx2", "avx512", "neon"];

function native(simdTarget: number): Program {
  return (input, options) =>
    new Promise((resolve, reject) => {
      addon.vietorisRips(toNativeInput(input), { ...toNativeOptions(options), simdTarget }, null, (error, result) => {
        if (error) reject(new Error(error.message));
        else resolve({ diagrams: result.diagrams, simdTarget: targets[result.statistics.simdTarget] ?? "unknown" });
      });
    });
}

const bytes = readFileSync(defaultWasmFile());
const loadedAt = process.cpuUsage();
const engine = await createWasmEngine(bytes);
const loadMs = cpuMs(loadedAt);
const programs: Readonly<Record<string, Program>> = {
  best: native(0),
  baseline: native(1),
  wasm: async (input, options) => {
    const { diagrams, statistics } = await engine.vietorisRips(input, options);
    return { diagrams, simdTarget: statistics.simdTarget };
  },
};

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

let bestTarget = "";
const rows: string[] = [];
const ratios: { best: number; baseline: number }[] = [];
for (const { name, input, maxDimension, threshold } of workloads) {
  const options: VietorisRipsOptions = {
    maxDimension,
    threshold: threshold ?? null,
    coefficientField: 2,
    edgeCollapse: "auto",
    representatives: "none",
    threads: 1,
    memoryLimitBytes: null,
  };
  const times: Record<string, number[]> = { best: [], baseline: [], wasm: [] };
  const first: Record<string, Answer> = {};
  // One round more than is counted: V8 compiles the module's functions a second time, better, while they run.
  for (let round = 0; round <= rounds; round++) {
    for (const [program, compute] of Object.entries(programs)) {
      const startedAt = process.cpuUsage();
      const answer = await compute(input, options);
      if (round > 0) times[program]?.push(cpuMs(startedAt));
      first[program] ??= answer;
    }
  }
  const [best, baseline, wasm] = ["best", "baseline", "wasm"].map((program) => median(times[program] ?? [])) as [
    number,
    number,
    number,
  ];
  for (const program of ["baseline", "wasm"]) {
    const same = first[program]?.diagrams.every(
      (diagram, k) =>
        Buffer.compare(
          Buffer.from(diagram.buffer, diagram.byteOffset, diagram.byteLength),
          bytesOf(first.best?.diagrams[k]),
        ) === 0,
    );
    if (!same) throw new Error(`${name}: the diagrams of ${program} are not those of the best target.`);
  }
  bestTarget = first.best?.simdTarget ?? "";
  ratios.push({ best: wasm / best, baseline: wasm / baseline });
  rows.push(
    `| ${name} (${maxDimension}) | ${best.toFixed(1)} | ${baseline.toFixed(1)} | ${wasm.toFixed(1)} | ${(wasm / best).toFixed(1)} | ${(wasm / baseline).toFixed(1)} |`,
  );
}

function bytesOf(diagram: Float64Array | undefined): Buffer {
  return diagram === undefined ? Buffer.alloc(0) : Buffer.from(diagram.buffer, diagram.byteOffset, diagram.byteLength);
}

const geometricMean = (key: "best" | "baseline") =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio[key]), 0) / ratios.length).toFixed(1);
const report = `# The engine as WebAssembly, beside the native one

\`npm run bench -- wasm --rounds ${rounds}\`, ${new Date().toISOString().slice(0, 10)}, one run on one machine: ${cpus()[0]?.model.trim()}, ${cpus().length} processors, Node ${process.version}.
One thread each, coefficients Z/2, in one process, the programs in turn; median CPU milliseconds of ${rounds} rounds after one that is not counted.
The diagrams of all three were compared byte for byte.

| input (max dimension) | native, ${bestTarget} | native, baseline | WebAssembly | × ${bestTarget} | × baseline |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

Geometric mean: WebAssembly takes ${geometricMean("best")} times the native engine's time with ${bestTarget}, ${geometricMean("baseline")} times with the baseline (SSE2, vectors as wide as WebAssembly's).

The module has ${(bytes.length / 1_000).toFixed(0)} kB, ${(gzipSync(bytes, { level: 9 }).length / 1_000).toFixed(0)} kB compressed by gzip; loading it took ${loadMs.toFixed(0)} ms of CPU time.
`;
mkdirSync(dirname(settings.output), { recursive: true });
writeFileSync(settings.output, report);
process.stdout.write(report);
