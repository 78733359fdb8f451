import { EngineError, type EngineErrorCode } from "./errors.ts";
import type {
  Approximation,
  CircularCoordinates,
  CircularCoordinatesOptions,
  CostEstimate,
  DimensionRepresentatives,
  EngineInput,
  EngineProgress,
  EngineStage,
  FeaturesResult,
  FloatArray,
  Metric,
  VietorisRipsOptions,
  VietorisRipsResult,
  VietorisRipsStatistics,
} from "./types.ts";

/**
 * The C ABI's structures (`engine/include/tda/tda.h`) as both bindings, the host's frames and the N-API addon, carry
 * them: the same fields in the same order, numbers for enumerations, 0 or Infinity for "not given".
 */
export interface NativeInput {
  readonly kind: number;
  readonly scalar: number;
  readonly metric: number;
  readonly minkowskiP: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: FloatArray;
  readonly entryCount: number;
  readonly rowIndices: Uint32Array | null;
  readonly columnIndices: Uint32Array | null;
}

export interface NativeOptions {
  readonly maxDimension: number;
  readonly threshold: number;
  readonly coefficientField: number;
  readonly edgeCollapse: number;
  readonly representatives: number;
  readonly threads: number;
  readonly memoryLimitBytes: number;
  readonly simdTarget: number;
  readonly approximation: number;
  readonly epsilon: number;
  readonly subsamplePoints: number;
  /** Circular coordinates; -1 = the longest. */
  readonly bar: number;
  /** Circular coordinates; NaN = half way. */
  readonly scale: number;
}

export interface NativeProgress {
  readonly fraction: number;
  readonly stage: number;
  readonly dimension: number;
  readonly columnsDone: number;
  readonly columnsTotal: number;
  readonly bytes: number;
}

export interface NativeStatistics {
  readonly simdTarget: number;
  readonly truncated: number;
  readonly points: number;
  readonly edges: number;
  readonly simplices: number;
  readonly threshold: number;
  readonly enclosingRadius: number;
  readonly peakBytes: number;
  readonly seconds: number;
  readonly approximation: number;
  readonly errorKind: number;
  readonly errorBound: number;
  readonly coverRadius: number;
}

export interface NativeEstimate {
  readonly exact: number;
  readonly points: number;
  readonly edges: number;
  readonly simplices: readonly number[];
  readonly bytes: number;
  readonly seconds: number;
  readonly threshold: number;
}

/** `row`, `column` and `dimension` are null where the C ABI says "no place"; `bytes` is 0 there. */
export interface NativeError {
  readonly status: number;
  readonly row: number | null;
  readonly column: number | null;
  readonly bytes: number;
  readonly dimension: number | null;
  readonly message: string;
}

export const MAX_DIMENSION = 16;

export const INPUT_KINDS = { points: 0, full: 1, lower: 2, "lower-with-diagonal": 3, sparse: 4 } as const;
export const SCALARS = { float32: 0, float64: 1 } as const;
export const METRICS: Readonly<Record<Metric, number>> = {
  euclidean: 0,
  manhattan: 1,
  chebyshev: 2,
  cosine: 3,
  minkowski: 4,
};
export const EDGE_COLLAPSES: Readonly<Record<VietorisRipsOptions["edgeCollapse"], number>> = { auto: 0, on: 1, off: 2 };
export const REPRESENTATIVES: Readonly<Record<VietorisRipsOptions["representatives"], number>> = {
  none: 0,
  simplices: 1,
  cocycles: 2,
  cycles: 3,
};

export const APPROXIMATIONS: Readonly<Record<Approximation["method"], number>> = { "sparse-rips": 1, subsample: 2 };
const METHODS: readonly VietorisRipsStatistics["method"][] = ["exact", "sparse-rips", "subsample"];
const ERROR_KINDS: readonly VietorisRipsStatistics["errorKind"][] = ["none", "additive", "multiplicative"];

const STAGES: readonly EngineStage[] = [
  "distances",
  "edges",
  "collapse",
  "apparent-pairs",
  "local-reduction",
  "reduction",
  "done",
];
const SIMD_TARGETS: readonly string[] = ["auto", "baseline", "avx2", "avx512", "neon", "wasm128"];

const CODES_BY_STATUS: ReadonlyMap<number, EngineErrorCode> = new Map([
  [101, "not_a_number"],
  [102, "negative_distance"],
  [103, "asymmetric_distance"],
  [104, "diagonal_above_edge"],
  [105, "index_out_of_range"],
  [106, "conflicting_entries"],
  [107, "zero_vector"],
  [108, "distance_overflow"],
  [109, "death_before_birth"],
  [200, "invalid_dimension"],
  [201, "invalid_field"],
  [202, "invalid_threshold"],
  [203, "invalid_metric"],
  [204, "not_supported"],
  [205, "invalid_option"],
  [210, "no_bar"],
  [211, "scale_outside_bar"],
  [212, "cocycle_not_integral"],
  [300, "memory_limit_exceeded"],
  [301, "index_overflow"],
  [302, "out_of_memory"],
  [400, "cancelled"],
]);

const NO_INDICES = { entryCount: 0, rowIndices: null, columnIndices: null } as const;
const NO_METRIC = { metric: METRICS.euclidean, minkowskiP: 0, columns: 0 } as const;

function scalarOf(values: FloatArray): number {
  return values instanceof Float32Array ? SCALARS.float32 : SCALARS.float64;
}

/** Expects an input that `checkCall` has accepted. */
export function toNativeInput(input: EngineInput): NativeInput {
  const { rows, values } = input;
  const scalar = scalarOf(values);
  switch (input.kind) {
    case "points": {
      const { columns } = input;
      const minkowskiP = input.minkowskiP ?? 0;
      return {
        kind: INPUT_KINDS.points,
        scalar,
        metric: METRICS[input.metric],
        minkowskiP,
        rows,
        columns,
        values,
        ...NO_INDICES,
      };
    }
    case "distances":
      return { kind: INPUT_KINDS[input.layout], scalar, ...NO_METRIC, rows, values, ...NO_INDICES };
    case "sparse-distances": {
      const { rowIndices, columnIndices } = input;
      return {
        kind: INPUT_KINDS.sparse,
        scalar,
        ...NO_METRIC,
        rows,
        values,
        entryCount: values.length,
        rowIndices,
        columnIndices,
      };
    }
  }
}

function toNativeApproximation(
  approximation: Approximation | null,
): Pick<NativeOptions, "approximation" | "epsilon" | "subsamplePoints"> {
  return {
    approximation: approximation === null ? 0 : APPROXIMATIONS[approximation.method],
    epsilon: approximation?.method === "sparse-rips" ? approximation.epsilon : 0,
    subsamplePoints: approximation?.method === "subsample" ? approximation.points : 0,
  };
}

/** The options of any operation. `circular` belongs to circular coordinates, and they have it always. */
export interface CallOptions extends VietorisRipsOptions {
  readonly circular?: Pick<CircularCoordinatesOptions, "bar" | "scale">;
}

export function toCallOptions({ bar, scale, ...options }: CircularCoordinatesOptions): CallOptions {
  return { ...options, maxDimension: 1, edgeCollapse: "off", representatives: "none", circular: { bar, scale } };
}

/** Expects options that `checkCall` has accepted. */
export function toNativeOptions(options: CallOptions): NativeOptions {
  return {
    maxDimension: options.maxDimension,
    threshold: options.threshold ?? Number.POSITIVE_INFINITY,
    coefficientField: options.coefficientField,
    edgeCollapse: EDGE_COLLAPSES[options.edgeCollapse],
    representatives: REPRESENTATIVES[options.representatives],
    threads: options.threads ?? 0,
    memoryLimitBytes: options.memoryLimitBytes ?? 0,
    simdTarget: 0,
    ...toNativeApproximation(options.approximation ?? null),
    bar: options.circular?.bar ?? -1,
    scale: options.circular?.scale ?? Number.NaN,
  };
}

/** An approximation must not be called by another's name. */
function nameOf<Name>(names: readonly Name[], index: number): Name {
  const name = names[index];
  if (name === undefined) throw new EngineError("internal", `The engine's answer has the unknown value ${index}.`);
  return name;
}

export function fromNativeProgress(progress: NativeProgress): EngineProgress {
  return { ...progress, stage: STAGES[progress.stage] ?? "reduction" };
}

export interface NativeResult {
  readonly diagrams: readonly Float64Array[];
  readonly representatives: readonly DimensionRepresentatives[] | null;
  readonly statistics: NativeStatistics;
}

export function fromNativeResult({ diagrams, representatives, statistics }: NativeResult): VietorisRipsResult {
  const { points, edges, simplices, threshold, enclosingRadius, peakBytes } = statistics;
  return {
    diagrams,
    representatives,
    statistics: {
      points,
      edges,
      simplices,
      threshold,
      enclosingRadius,
      truncated: statistics.truncated !== 0,
      computeMs: statistics.seconds * 1000,
      peakBytes,
      simdTarget: SIMD_TARGETS[statistics.simdTarget] ?? "unknown",
      method: nameOf(METHODS, statistics.approximation),
      errorKind: nameOf(ERROR_KINDS, statistics.errorKind),
      errorBound: statistics.errorBound,
      coverRadius: statistics.coverRadius,
    },
  };
}

export interface NativeCoordinates {
  readonly coordinates: Float64Array;
  readonly simdTarget: number;
  readonly truncated: number;
  readonly bar: number;
  readonly birth: number;
  readonly death: number;
  readonly scale: number;
  readonly energy: number;
  readonly residual: number;
  readonly steps: number;
  readonly points: number;
  readonly edges: number;
  readonly threshold: number;
  readonly peakBytes: number;
  readonly seconds: number;
}

export function fromNativeCoordinates(native: NativeCoordinates): CircularCoordinates {
  const { coordinates, bar, birth, death, scale, energy, residual, steps } = native;
  const { points, edges, threshold, peakBytes } = native;
  return {
    coordinates,
    bar,
    birth,
    death,
    scale,
    energy,
    residual,
    steps,
    statistics: {
      points,
      edges,
      threshold,
      truncated: native.truncated !== 0,
      computeMs: native.seconds * 1000,
      peakBytes,
      simdTarget: SIMD_TARGETS[native.simdTarget] ?? "unknown",
    },
  };
}

export interface NativeValues {
  readonly simdTarget: number;
  readonly peakBytes: number;
  readonly seconds: number;
  /** One more than there are features. */
  readonly offsets: Float64Array;
  readonly values: Float64Array;
}

export function fromNativeValues({ offsets, values, ...native }: NativeValues): FeaturesResult {
  return {
    values: Array.from(offsets.subarray(1), (end, index) => values.subarray(offsets[index], end)),
    statistics: {
      computeMs: native.seconds * 1000,
      peakBytes: native.peakBytes,
      simdTarget: SIMD_TARGETS[native.simdTarget] ?? "unknown",
    },
  };
}

export function fromNativeEstimate(estimate: NativeEstimate, maxDimension: number): CostEstimate {
  return { ...estimate, exact: estimate.exact !== 0, simplices: estimate.simplices.slice(0, maxDimension + 2) };
}

/** A status that no input can cause (a null argument, a broken invariant, a broken protocol) is `internal`. */
export function fromNativeError(error: NativeError): EngineError {
  return new EngineError(CODES_BY_STATUS.get(error.status) ?? "internal", error.message, {
    ...(error.row === null ? {} : { row: error.row }),
    ...(error.column === null ? {} : { column: error.column }),
    ...(error.dimension === null ? {} : { dimension: error.dimension }),
    ...(error.bytes === 0 ? {} : { bytes: error.bytes }),
  });
}
