import { checkCall } from "../check-call.ts";
import type { EngineInput, EngineProgress, VietorisRipsOptions, VietorisRipsResult } from "../types.ts";
import { Budget } from "./budget.ts";
import { CliqueComplex } from "./clique-complex.ts";
import { Cohomology, type Simplices } from "./cohomology.ts";
import { connectedComponents } from "./components.ts";
import { filteredGraph } from "./filtered-graph.ts";
import { distanceSource } from "./input-source.ts";
import type { Steps } from "./steps.ts";
import { validateOptions } from "./validate-options.ts";

/** Exact Vietoris–Rips persistent homology, diameter scale; the contract is that of `Engine.vietorisRips`. */
export function* vietorisRips(input: EngineInput, options: VietorisRipsOptions): Steps<VietorisRipsResult> {
  const startedAt = performance.now();
  checkCall(input, options);
  validateOptions(options);
  const budget = new Budget(options.memoryLimitBytes);
  budget.charge(inputBytes(input), 0);
  const source = distanceSource(input, budget);
  const graph = yield* filteredGraph(source, wantedThreshold(input, options.threshold), budget);
  const diagrams: number[][] = Array.from({ length: options.maxDimension + 1 }, () => []);

  const components = connectedComponents(graph);
  diagrams[0] = components.bars;
  if (options.maxDimension > 0 && graph.lengths.length > 0) {
    const complex = new CliqueComplex(graph, options.maxDimension, budget);
    const cohomology = new Cohomology(complex, options.coefficientField, budget, (dimension, done, total) =>
      reductionProgress(dimension, options.maxDimension, done, total, budget.bytes),
    );
    let simplices: Simplices = { indices: complex.edgeIndices, values: graph.lengths };
    let isCleared = (position: number): boolean => components.joins[position] === 1;
    for (let dimension = 1; dimension <= options.maxDimension; ++dimension) {
      if (simplices.indices.length === 0) break;
      const pivots = yield* cohomology.reduce(dimension, simplices, isCleared, diagrams[dimension] as number[]);
      if (dimension === options.maxDimension) break;
      const cofaces: Simplices = yield* cohomology.cofaces(dimension, simplices);
      simplices = cofaces;
      isCleared = (position) => pivots.has(cofaces.indices[position] as number);
    }
  }
  return {
    diagrams: diagrams.map(sortedBars),
    representatives: null,
    statistics: {
      points: graph.pointCount,
      edges: graph.lengths.length,
      // Edges are no simplices of dimension 0 … maxDimension = 0.
      simplices: options.maxDimension === 0 ? graph.pointCount : budget.simplices,
      threshold: graph.threshold,
      enclosingRadius: graph.enclosingRadius,
      truncated: graph.truncated,
      computeMs: performance.now() - startedAt,
      peakBytes: budget.peakBytes,
      simdTarget: "none",
      method: "exact",
      errorKind: "none",
      errorBound: 0,
      coverRadius: 0,
    },
  };
}

export function inputBytes(input: EngineInput): number {
  const indexBytes = input.kind === "sparse-distances" ? 2 * input.rowIndices.byteLength : 0;
  return input.values.byteLength + indexBytes;
}

/** null where the enclosing radius is meant; otherwise rounded to the input's number type. */
export function wantedThreshold(input: EngineInput, threshold: number | null): number | null {
  if (threshold === null || threshold === Number.POSITIVE_INFINITY) return null;
  return input.values instanceof Float32Array ? Math.fround(threshold) : threshold;
}

/** Dimension 0 and the graph take the first tenth, each further dimension an equal share. */
function reductionProgress(
  dimension: number,
  maxDimension: number,
  done: number,
  total: number,
  bytes: number,
): EngineProgress {
  const within = total === 0 ? 0 : done / total;
  const fraction = 0.1 + (0.9 * (dimension - 1 + within)) / maxDimension;
  return { fraction, stage: "reduction", dimension, columnsDone: done, columnsTotal: total, bytes };
}

/** birth, death, … by birth, then death. */
function sortedBars(bars: readonly number[]): Float64Array {
  const pairs = Array.from({ length: bars.length / 2 }, (_, k) => [bars[2 * k], bars[2 * k + 1]] as [number, number]);
  pairs.sort(([b, d], [birth, death]) => b - birth || (d === death ? 0 : d - death));
  return Float64Array.from(pairs.flat());
}
