/**
 * The typed face of the engine. Four implementations give the same answers: the pool of engine hosts (what the server
 * uses), the in-process N-API binding, WebAssembly for browsers, and the pure-TypeScript engine for work without a compiler.
 * Field for field it mirrors `engine/include/tda/tda.h`.
 */

export type Metric = "euclidean" | "manhattan" | "chebyshev" | "cosine" | "minkowski";
export type FloatArray = Float32Array | Float64Array;

/** n points in R^d, row-major. */
export interface PointsInput {
  readonly kind: "points";
  readonly values: FloatArray;
  readonly rows: number;
  readonly columns: number;
  readonly metric: Metric;
  /** Exponent of the Minkowski metric, at least 1; null for the other metrics. */
  readonly minkowskiP: number | null;
}

/**
 * Distances between n points. `full`: n*n row-major; `lower`: row i has i entries; `lower-with-diagonal`: row i has i+1.
 * +Infinity is "no edge"; a diagonal entry is the point's birth.
 */
export interface DistancesInput {
  readonly kind: "distances";
  readonly layout: "full" | "lower" | "lower-with-diagonal";
  readonly values: FloatArray;
  readonly rows: number;
}

/** Sparse distances: an absent pair is no edge, a stored 0 is an edge at 0, (i,i) is a birth. */
export interface SparseDistancesInput {
  readonly kind: "sparse-distances";
  readonly rows: number;
  readonly values: FloatArray;
  readonly rowIndices: Uint32Array;
  readonly columnIndices: Uint32Array;
}

export type EngineInput = PointsInput | DistancesInput | SparseDistancesInput;

/**
 * What is computed instead where the exact diagram costs too much (docs/explanation/approximation.md).
 * `sparse-rips`: 0 < epsilon < 1; `subsample`: the exact diagram of `points` farthest points.
 */
export type Approximation =
  | { readonly method: "sparse-rips"; readonly epsilon: number }
  | { readonly method: "subsample"; readonly points: number };

export interface VietorisRipsOptions {
  readonly maxDimension: number;
  /** Inclusive; null = the enclosing radius. */
  readonly threshold: number | null;
  /** A prime below 2^15. */
  readonly coefficientField: number;
  readonly edgeCollapse: "auto" | "on" | "off";
  readonly representatives: "none" | "simplices" | "cocycles" | "cycles";
  /** null = the engine chooses. The result never depends on it. */
  readonly threads: number | null;
  /** Engine allocations plus the input's bytes; null = no limit of its own (a pool may set one). */
  readonly memoryLimitBytes: number | null;
  /** Not given or null: exact. Points and distance matrices only; not in the TypeScript engine. */
  readonly approximation?: Approximation | null;
}

export type EngineStage =
  | "distances"
  | "edges"
  | "collapse"
  | "apparent-pairs"
  | "local-reduction"
  | "reduction"
  | "done";

export interface EngineProgress {
  /** 0..1, never decreases. */
  readonly fraction: number;
  readonly stage: EngineStage;
  readonly dimension: number;
  readonly columnsDone: number;
  readonly columnsTotal: number;
  readonly bytes: number;
}

export interface EngineCall {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EngineProgress) => void;
  /** Of a pool: how many hosts may die of the computation before it fails. 2 unless told. */
  readonly attempts?: number;
}

export interface VietorisRipsStatistics {
  readonly points: number;
  readonly edges: number;
  readonly simplices: number;
  /** The threshold used, after defaults and rounding. +Infinity when no pair has an edge. */
  readonly threshold: number;
  readonly enclosingRadius: number;
  readonly truncated: boolean;
  readonly computeMs: number;
  readonly peakBytes: number;
  /** "baseline", "avx2", "avx512", "neon", "wasm128"; "none" for the TypeScript engine. */
  readonly simdTarget: string;
  /** What was computed: "exact" also for a subsample of all points. */
  readonly method: "exact" | Approximation["method"];
  /** What `errorBound` bounds: a bottleneck distance, or a factor of births and deaths. */
  readonly errorKind: "none" | "additive" | "multiplicative";
  /** 0 = exact. */
  readonly errorBound: number;
  /** Of a subsample: the largest distance of a point from it; else 0. */
  readonly coverRadius: number;
}

/** Stands for each vertex of the death simplex of a bar that never ends. */
export const NO_VERTEX = 0xffff_ffff;

/**
 * What the bars of one dimension k are made of, bar by bar in the order of the diagram. Vertices are rows of the input, ascending in each simplex.
 * `tda_representatives_view` of tda.h says what holds of the chains.
 */
export interface DimensionRepresentatives {
  /** k + 1 vertices for each bar. */
  readonly birthSimplices: Uint32Array;
  /** k + 2 vertices for each bar; NO_VERTEX throughout for an essential one. */
  readonly deathSimplices: Uint32Array;
  /** Cocycles or cycles, k >= 1: bar i has the simplices from chainOffsets[i] to before chainOffsets[i + 1]; the first is its birth simplex. */
  readonly chainOffsets: Float64Array | null;
  /** k + 1 vertices for each simplex. */
  readonly chainSimplices: Uint32Array | null;
  /** 1 to p - 1. */
  readonly chainCoefficients: Uint32Array | null;
  /** Cycles of dimension 1: edge j of a chain leads from loopVertices[j] to the next one, from the chain's last to its first. */
  readonly loopVertices: Uint32Array | null;
}

export interface VietorisRipsResult {
  /** `diagrams[k]` is birth0, death0, birth1, death1, …; an essential death is +Infinity; sorted by birth, then death. */
  readonly diagrams: readonly Float64Array[];
  /** By dimension; null where none were asked for. */
  readonly representatives: readonly DimensionRepresentatives[] | null;
  readonly statistics: VietorisRipsStatistics;
}

export interface CircularCoordinatesOptions
  extends Pick<VietorisRipsOptions, "threshold" | "coefficientField" | "threads" | "memoryLimitBytes"> {
  /** Number of the bar in the diagram of dimension 1; null = the longest, of equal ones the first. */
  readonly bar: number | null;
  /** Where the complex is taken, from birth to before death; null = half way, for an essential bar the longest edge. */
  readonly scale: number | null;
}

export interface CircularCoordinates {
  /** For each row of the input in [0, 1); NaN: the point is not in the complex at the scale. */
  readonly coordinates: Float64Array;
  readonly bar: number;
  readonly birth: number;
  /** +Infinity: essential. */
  readonly death: number;
  readonly scale: number;
  /** Sum over the edges of what the coordinates leave of the cocycle, squared. */
  readonly energy: number;
  /** Of the normal equations, relative to the right-hand side. */
  readonly residual: number;

  /** Of the conjugate gradients. */
  readonly steps: number;
  readonly statistics: Pick<
    VietorisRipsStatistics,
    "points" | "edges" | "threshold" | "truncated" | "computeMs" | "peakBytes" | "simdTarget"
  >;
}

/**
 * What is computed of diagrams, series and points besides persistence: `engine/include/tda/features.h`, which defines each. Diagrams are birth0, death0,
 * birth1, death1, … in any order; an essential death is +Infinity. Everything is float64.
 */
export type Feature = DistanceFeature | SummaryFeature | EmbeddingFeature | FarthestPointsFeature | RobustZScoreFeature;

interface OfDiagram {
  readonly first: Float64Array;
  /** Put in the place of infinite deaths; null or not given: they stay infinite. */
  readonly essentialDeath?: number | null;
}

export interface Grid {
  readonly start: number;
  readonly end: number;
  readonly points: number;
}

export type DistanceFeature =
  | (OfDiagram & { readonly kind: "bottleneck-distance"; readonly second: Float64Array })
  | (OfDiagram & {
      readonly kind: "wasserstein-distance";
      readonly second: Float64Array;
      /** 1 to 64. */
      readonly order: number;
      readonly norm: "infinity" | "2" | "1";
    });

export type SummaryFeature =
  | (OfDiagram & { readonly kind: "total-persistence" /** 0 to 64. */; readonly order: number })
  | (OfDiagram & { readonly kind: "persistence-entropy" })
  | (OfDiagram & { readonly kind: "betti-curve"; readonly grid: Grid })
  | (OfDiagram & { readonly kind: "persistence-landscape"; readonly grid: Grid; readonly levels: number })
  | (OfDiagram & {
      readonly kind: "persistence-image";
      readonly births: Grid;
      readonly persistences: Grid;
      /** Of the weights, powers of the lengths: 0 to 64. */
      readonly order: number;
      readonly bandwidth: number;
    });

export interface EmbeddingFeature {
  readonly kind: "takens-embedding";
  /** Vectors of `columns` numbers, one after the other. */
  readonly first: Float64Array;
  readonly columns: number;
  readonly dimension: number;
  readonly delay: number;
  readonly skip: number;
}

export interface FarthestPointsFeature {
  readonly kind: "farthest-points";
  readonly first: Float64Array;
  readonly columns: number;
  readonly points: number;
  readonly metric: Metric;
  /** Of the Minkowski metric; null for the others. */
  readonly minkowskiP: number | null;
}

export interface RobustZScoreFeature {
  readonly kind: "robust-z-score";
  /** The history. */
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export interface FeatureOptions {
  /** Engine allocations plus the arrays' bytes; null = no limit of its own. */
  readonly memoryLimitBytes: number | null;
}

export interface FeaturesResult {
  /** By feature. */
  readonly values: readonly Float64Array[];
  readonly statistics: Pick<VietorisRipsStatistics, "computeMs" | "peakBytes" | "simdTarget">;
}

export interface CostEstimate {
  readonly exact: boolean;
  readonly points: number;
  readonly edges: number;
  /** By dimension 0 .. maxDimension + 1. */
  readonly simplices: readonly number[];
  readonly bytes: number;
  readonly seconds: number;
  readonly threshold: number;
}

export interface Engine {
  readonly kind: "native" | "typescript";
  readonly version: string;
  vietorisRips(input: EngineInput, options: VietorisRipsOptions, call?: EngineCall): Promise<VietorisRipsResult>;
  estimateVietorisRips(input: EngineInput, options: VietorisRipsOptions, call?: EngineCall): Promise<CostEstimate>;
  /** A map of the points to the circle R/Z, from the class of one bar of dimension 1. The field must be odd. */
  circularCoordinates(
    input: EngineInput,
    options: CircularCoordinatesOptions,
    call?: EngineCall,
  ): Promise<CircularCoordinates>;
  /** Distances and summaries of diagrams, embeddings, samples, scores: any number of them in one call, all or none. */
  computeFeatures(features: readonly Feature[], options: FeatureOptions, call?: EngineCall): Promise<FeaturesResult>;
  /** Waits for nothing: computations under way fail with `engine_closed`. Idempotent. */
  close(): Promise<void>;
}
