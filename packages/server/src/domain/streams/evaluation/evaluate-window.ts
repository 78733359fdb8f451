import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import type { Feature } from "@tda-platform/engine/types";
import type { Firing } from "../windows/outcomes.ts";
import type { EngineCalls } from "./engine-calls.ts";

const GRID_POINTS = 64;
const LANDSCAPE_LEVELS = 5;

type OutputValues = StreamResult["values"][number];

/** A window without what depends on the windows before it. */
export interface EvaluatedWindow {
  readonly points: number;
  readonly pointsUsed: number;
  readonly coverRadius: number | null;
  readonly threshold: number;
  /** By dimension: birth, death, …; essential deaths are infinite. */
  readonly diagrams: readonly Float64Array[];
  readonly values: readonly OutputValues[];
}

interface Rows {
  readonly values: Float64Array;
  readonly columns: number;
}

/** Steps 1 to 4 of a firing; each asks the engine once at most. @throws WindowFailed; the reason for which the calls end */
export async function evaluateWindow(calls: EngineCalls, { window, values }: Firing): Promise<EvaluatedWindow> {
  const { definition } = window;
  const embedded = await embed(calls, definition, { values, columns: definition.point_dimension });
  const { rows, coverRadius } = await subsample(calls, definition, embedded);
  const { diagrams, threshold } = await persistence(calls, definition, rows);
  return {
    points: values.length / definition.point_dimension,
    pointsUsed: rows.values.length / rows.columns,
    coverRadius,
    threshold,
    diagrams,
    values: await outputs(calls, definition, diagrams, threshold),
  };
}

async function embed(calls: EngineCalls, definition: StreamDefinition, { values, columns }: Rows): Promise<Rows> {
  if (definition.embedding_type === "none") return { values, columns };
  const { embedding_dimension: dimension, embedding_delay: delay, embedding_skip: skip } = definition;
  const feature = { kind: "takens-embedding", first: values, columns, dimension, delay, skip } as const;
  const [embedded] = await calls.features([feature], definition.max_engine_bytes, "later");
  return { values: embedded as Float64Array, columns: columns * dimension };
}

async function subsample(
  calls: EngineCalls,
  { max_points_per_window: points, max_engine_bytes: limitBytes }: StreamDefinition,
  rows: Rows,
): Promise<{ readonly rows: Rows; readonly coverRadius: number | null }> {
  const { values, columns } = rows;
  if (values.length / columns <= points) return { rows, coverRadius: null };
  const metric = { metric: "euclidean", minkowskiP: null } as const;
  const feature = { kind: "farthest-points", first: values, columns, points, ...metric } as const;
  const [sample] = await calls.features([feature], limitBytes, "later");
  const [coverRadius, ...chosen] = sample as Float64Array;
  const kept = new Float64Array(chosen.length * columns);
  chosen.forEach((row, i) => {
    kept.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { rows: { values: kept, columns }, coverRadius: coverRadius as number };
}

async function persistence(
  calls: EngineCalls,
  definition: StreamDefinition,
  { values, columns }: Rows,
): Promise<Pick<EvaluatedWindow, "diagrams" | "threshold">> {
  const { max_dimension: maxDimension, threshold } = definition;
  if (values.length === 0) {
    const diagrams = Array.from({ length: maxDimension + 1 }, () => new Float64Array(0));
    return { diagrams, threshold: threshold ?? 0 };
  }
  const { diagrams, statistics } = await calls.vietorisRips(values, columns, {
    maxDimension,
    threshold,
    coefficientField: 2,
    edgeCollapse: "auto",
    representatives: "none",
    threads: 1,
    memoryLimitBytes: definition.max_engine_bytes,
  });
  return { diagrams, threshold: statistics.threshold };
}

async function outputs(
  calls: EngineCalls,
  definition: StreamDefinition,
  diagrams: readonly Float64Array[],
  threshold: number,
): Promise<readonly OutputValues[]> {
  const grid = { start: 0, end: threshold, points: GRID_POINTS };
  const asked: { readonly output: string; readonly dimension: number; readonly feature: Feature }[] = [];
  for (const output of definition.outputs) {
    diagrams.forEach((first, dimension) => {
      switch (output) {
        case "betti_curve":
          asked.push({ output, dimension, feature: { kind: "betti-curve", first, grid } });
          break;
        case "landscape":
          asked.push({
            ...{ output, dimension },
            feature: { kind: "persistence-landscape", first, grid, levels: LANDSCAPE_LEVELS },
          });
          break;
        case "persistence_entropy":
          asked.push({ output, dimension, feature: { kind: "persistence-entropy", first } });
          break;
        case "total_persistence":
          asked.push({ output, dimension, feature: { kind: "total-persistence", first, order: 1 } });
          break;
        default:
      }
    });
  }
  if (asked.length === 0) return [];
  const features = asked.map(({ feature }) => feature);
  const values = await calls.features(features, definition.max_engine_bytes, "later");
  return asked.map(({ output, dimension }, i) => ({
    output,
    dimension,
    values: Array.from(values[i] as Float64Array),
  }));
}
