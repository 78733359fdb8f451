import { EngineError } from "./errors.ts";
import { type CallOptions, METRICS } from "./native-call.ts";
import type { EngineInput, Feature, FeatureOptions, Grid } from "./types.ts";

const KINDS: Readonly<Record<Feature["kind"], number>> = {
  "bottleneck-distance": 0,
  "wasserstein-distance": 1,
  "total-persistence": 2,
  "persistence-entropy": 3,
  "betti-curve": 4,
  "persistence-landscape": 5,
  "persistence-image": 6,
  "takens-embedding": 7,
  "farthest-points": 8,
  "robust-z-score": 9,
};
const NORMS: Readonly<Record<"infinity" | "2" | "1", number>> = { infinity: 0, "2": 1, "1": 2 };
/** The order of the numbers before the arrays of a feature: that of `tda_compute_packed_features`, and its defaults. */
const HEAD = {
  kind: 0,
  firstRows: 0,
  secondRows: 0,
  columns: 0,
  essentialDeath: Number.NaN,
  order: 1,
  norm: 0,
  metric: 0,
  minkowskiP: 2,
  dimension: 1,
  delay: 1,
  skip: 1,
  gridStart: 0,
  gridEnd: 0,
  gridPoints: 1,
  levels: 1,
  persistenceStart: 0,
  persistenceEnd: 0,
  persistencePoints: 1,
  bandwidth: 1,
  points: 1,
};
type Head = typeof HEAD;
const HEAD_NUMBERS = 24;

function refuse(message: string, feature: number): never {
  throw new EngineError("invalid_option", message, { dimension: feature });
}

function keyOf<Key extends string>(table: Readonly<Record<Key, number>>, key: Key, feature: number): number {
  if (typeof key !== "string" || !Object.hasOwn(table, key)) refuse(`There is no "${key}" for a feature.`, feature);
  return table[key];
}

function ofGrid({ start, end, points }: Grid): Pick<Head, "gridStart" | "gridEnd" | "gridPoints"> {
  return { gridStart: start, gridEnd: end, gridPoints: points };
}

/** What of the head a feature does not leave at its default, rows and kind aside. */
function fieldsOf(feature: Feature, index: number): Partial<Head> {
  switch (feature.kind) {
    case "wasserstein-distance":
      return { order: feature.order, norm: keyOf(NORMS, feature.norm, index) };
    case "total-persistence":
      return { order: feature.order };
    case "betti-curve":
      return ofGrid(feature.grid);
    case "persistence-landscape":
      return { ...ofGrid(feature.grid), levels: feature.levels };
    case "persistence-image": {
      const { persistences, order, bandwidth } = feature;
      const { start, end, points } = persistences;
      const second = { persistenceStart: start, persistenceEnd: end, persistencePoints: points };
      return { ...ofGrid(feature.births), ...second, order, bandwidth };
    }
    case "takens-embedding": {
      const { columns, dimension, delay, skip } = feature;
      return { columns, dimension, delay, skip };
    }
    case "farthest-points": {
      const { columns, points, metric, minkowskiP } = feature;
      return { columns, points, metric: keyOf(METRICS, metric, index), minkowskiP: minkowskiP ?? 0 };
    }
    default:
      return {};
  }
}

function widthOf(feature: Feature): number {
  if (feature.kind === "takens-embedding" || feature.kind === "farthest-points") return feature.columns;
  return feature.kind === "robust-z-score" ? 1 : 2;
}

function rowsOf(array: Float64Array, width: number, index: number): number {
  if (!(array instanceof Float64Array)) refuse("The arrays of a feature must be Float64Arrays.", index);
  if (array.length === 0) return 0;
  const rows = array.length / width;
  if (!Number.isInteger(rows)) refuse("The length of an array of a feature is not rows times columns.", index);
  return rows;
}

function headOf(feature: Feature, index: number): Head {
  const kind = keyOf(KINDS, feature.kind, index);
  const width = widthOf(feature);
  const essentialDeath = "essentialDeath" in feature ? (feature.essentialDeath ?? Number.NaN) : Number.NaN;
  const head: Head = {
    ...HEAD,
    ...fieldsOf(feature, index),
    kind,
    firstRows: rowsOf(feature.first, width, index),
    secondRows: "second" in feature ? rowsOf(feature.second, width, index) : 0,
    essentialDeath,
  };
  for (const value of Object.values(head)) {
    if (typeof value !== "number") refuse("A parameter of a feature is not a number.", index);
  }
  return head;
}

/**
 * Features as one array of numbers, the form in which every binding carries them.
 * @throws EngineError `invalid_option`: unknown names, shapes that do not match, what is not a number; the dimension is that of the feature
 */
export function packFeatures(features: readonly Feature[]): Float64Array {
  const heads = features.map(headOf);
  const lengths = features.map(
    (feature) => HEAD_NUMBERS + feature.first.length + ("second" in feature ? feature.second.length : 0),
  );
  const packed = new Float64Array(lengths.reduce((sum, length) => sum + length, 0));
  let place = 0;
  features.forEach((feature, index) => {
    packed.set(Object.values(heads[index] as Head), place);
    packed.set(feature.first, place + HEAD_NUMBERS);
    if ("second" in feature) packed.set(feature.second, place + HEAD_NUMBERS + feature.first.length);
    place += lengths[index] as number;
  });
  return packed;
}

/** A call of the operation `computeFeatures`: packed features travel as points on a line. */
export function toFeatureCall(
  features: readonly Feature[],
  { memoryLimitBytes }: FeatureOptions,
): { readonly input: EngineInput; readonly options: CallOptions } {
  const values = packFeatures(features);
  return {
    input: { kind: "points", values, rows: values.length, columns: 1, metric: "euclidean", minkowskiP: null },
    options: {
      maxDimension: 0,
      threshold: null,
      coefficientField: 2,
      edgeCollapse: "off",
      representatives: "none",
      threads: null,
      memoryLimitBytes,
    },
  };
}

/** The values of a `farthest-points` feature. */
export function readFarthestPoints(values: Float64Array): { readonly rows: Uint32Array; readonly coverRadius: number } {
  return { rows: Uint32Array.from(values.subarray(1)), coverRadius: values[0] ?? 0 };
}

/** The value of a `robust-z-score` feature with one number; null: there is no history, or it has no spread. */
export function readRobustZScore(values: Float64Array): number | null {
  return values[0] ?? null;
}
