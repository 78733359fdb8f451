import { checkCall } from "../check-call.ts";
import type { CostEstimate, EngineInput, EngineProgress, VietorisRipsOptions } from "../types.ts";
import { Budget } from "./budget.ts";
import type { DistanceSource } from "./distance-source.ts";
import { findEnclosingRadius } from "./enclosing-radius.ts";
import { distanceSource } from "./input-source.ts";
import type { Steps } from "./steps.ts";
import { validateOptions } from "./validate-options.ts";
import { inputBytes, wantedThreshold } from "./vietoris-rips.ts";

/** Cliques that are counted one by one before sampling takes over. */
const MAX_COUNTED = 200_000;
const PROBES = 2_000;
/** Per simplex of the reduced dimensions, from runs of this engine on 100 to 1,000 random points with Node 24. */
const BYTES_PER_SIMPLEX = 130;
const SECONDS_PER_SIMPLEX = 1e-5;

/**
 * Simplices per dimension: counted where they are few, otherwise estimated without bias by random descents in the tree
 * of cliques (Knuth, "Estimating the efficiency of backtrack programs", 1975), from a fixed seed.
 * Cost: one pass over all pairs and at most `PROBES` rows per dimension.
 */
export function* estimateCost(input: EngineInput, options: VietorisRipsOptions): Steps<CostEstimate> {
  checkCall(input, options);
  validateOptions(options);
  const budget = new Budget(null);
  const source = distanceSource(input, budget);
  const radius = yield* findEnclosingRadius(source, 0);
  const threshold = Math.min(wantedThreshold(input, options.threshold) ?? radius, radius);
  const size = options.maxDimension + 2;

  const cliques = new LowerCliques(source, threshold);
  const counts = (yield* countCliques(cliques, size)) ?? (yield* sampleCliques(cliques, size));
  const edges = counts.simplices[1] ?? 0;
  const reduced = counts.simplices.slice(0, -1).reduce((sum, count) => sum + count, 0);
  return {
    exact: counts.exact,
    points: cliques.points.length,
    edges,
    simplices: counts.simplices,
    bytes: inputBytes(input) + source.bytes + reduced * BYTES_PER_SIMPLEX,
    seconds: (reduced + source.rows * source.rows * 1e-3) * SECONDS_PER_SIMPLEX,
    threshold,
  };
}

interface CliqueCounts {
  readonly exact: boolean;
  readonly simplices: number[];
}

/** The cliques of the threshold graph as a tree: each clique's children add a vertex below its smallest one. */
class LowerCliques {
  readonly points: Uint32Array;
  readonly #source: DistanceSource;
  readonly #threshold: number;
  readonly #rows = new Map<number, Uint32Array>();
  #cachedNeighbours = 0;

  constructor(source: DistanceSource, threshold: number) {
    this.#source = source;
    this.#threshold = threshold;
    this.points = Uint32Array.from({ length: source.rows }, (_, point) => point).filter((point) => {
      const birth = source.births[point] as number;
      return birth <= threshold && birth !== Number.POSITIVE_INFINITY;
    });
  }

  /** Neighbours of a point that come before it, increasing. */
  below(point: number): Uint32Array {
    const known = this.#rows.get(point);
    if (known !== undefined) return known;
    const neighbours: number[] = [];
    this.#source.visitRow(point, (column, distance) => {
      if (distance <= this.#threshold) neighbours.push(column);
    });
    const row = Uint32Array.from(neighbours);
    if (this.#cachedNeighbours < MAX_COUNTED) {
      this.#cachedNeighbours += row.length;
      this.#rows.set(point, row);
    }
    return row;
  }
}

/** null when there are more than `MAX_COUNTED` of them. */
function* countCliques(cliques: LowerCliques, size: number): Steps<CliqueCounts | null> {
  const simplices = new Array<number>(size).fill(0);
  simplices[0] = cliques.points.length;
  let counted = cliques.points.length;
  const visit = (candidates: Uint32Array, dimension: number): void => {
    simplices[dimension] = (simplices[dimension] as number) + candidates.length;
    counted += candidates.length;
    if (dimension + 1 === size || counted > MAX_COUNTED) return;
    for (const point of candidates) {
      if (counted > MAX_COUNTED) return;
      visit(intersection(candidates, cliques.below(point)), dimension + 1);
    }
  };
  for (const [done, point] of cliques.points.entries()) {
    if (counted > MAX_COUNTED) return null;
    visit(cliques.below(point), 1);
    yield progressAt(0.1 + (0.4 * done) / cliques.points.length);
  }
  return counted > MAX_COUNTED ? null : { exact: true, simplices };
}

function* sampleCliques(cliques: LowerCliques, size: number): Steps<CliqueCounts> {
  const random = seededRandom(0x7da);
  const sums = new Array<number>(size).fill(0);
  for (let probe = 0; probe < PROBES; ++probe) {
    let candidates = cliques.points;
    let weight = 1;
    for (let dimension = 0; dimension < size && candidates.length > 0; ++dimension) {
      weight *= candidates.length;
      sums[dimension] = (sums[dimension] as number) + weight;
      const point = candidates[Math.floor(random() * candidates.length)] as number;
      candidates = dimension === 0 ? cliques.below(point) : intersection(candidates, cliques.below(point));
    }
    yield progressAt(0.5 + (0.5 * probe) / PROBES);
  }
  return { exact: false, simplices: sums.map((sum) => sum / PROBES) };
}

/** Of two increasing lists. */
function intersection(a: Uint32Array, b: Uint32Array): Uint32Array {
  const common = new Uint32Array(Math.min(a.length, b.length));
  let count = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i] as number;
    const right = b[j] as number;
    if (left === right) common[count++] = left;
    if (left <= right) ++i;
    if (right <= left) ++j;
  }
  return common.subarray(0, count);
}

/** Numbers in [0, 1) by Marsaglia's 32-bit xorshift. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function progressAt(fraction: number): EngineProgress {
  return { fraction, stage: "edges", dimension: 0, columnsDone: 0, columnsTotal: 0, bytes: 0 };
}
