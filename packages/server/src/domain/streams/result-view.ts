import type { StreamOutput } from "@tda-platform/contract/events/stream-definition";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import type { StreamResultView } from "@tda-platform/contract/streams";
import { renderDiagrams } from "../compute/render-diagrams.ts";
import { namedId } from "./named-id.ts";
import type { NewResult } from "./stream.ts";

/** Of betti_curve and landscape, as the stream semantics say. */
const GRID_POINTS = 64;

type Outputs = StreamResultView["outputs"];
type Values = StreamResult["values"][number];

/**
 * A result of the log as it is stored, and as clients see it.
 * @param sha256 Of its bytes in the log, without the registry's header.
 * @param outputs Of its version of the definition.
 */
export function newResult(value: StreamResult, sha256: Uint8Array, outputs: readonly StreamOutput[]): NewResult {
  const { project_id: projectId, stream_id: streamId, definition_version: version, key, revision } = value;
  const name = `${projectId}\n${streamId}\n${version}\n${value.window_seq}\n${revision}\n${key}`;
  const id = namedId("res", value.opened_at, name);
  return {
    ...{ projectId, streamId, version, key, revision, id, sha256 },
    windowSeq: value.window_seq,
    openedAt: value.opened_at,
    windowStart: value.window_start,
    windowEnd: value.window_end,
    supersededBy: value.superseded_by,
    alerts: value.alerts,
    body: Buffer.from(resultText(value, id, outputs)),
  };
}

/** JSON text of a result. The diagrams are written as those of the compute call are: equal diagrams are equal bytes. */
export function resultText(value: StreamResult, id: string, outputs: readonly StreamOutput[]): string {
  const superseded = value.superseded_by !== null;
  const head = JSON.stringify({
    id,
    key: value.key,
    window_start: timeText(value.window_start),
    window_end: timeText(value.window_end),
    revision: value.revision,
    superseded,
    points: value.points,
  });
  const tail = JSON.stringify({
    outputs: superseded ? {} : outputsOf(value, outputs),
    alerts: value.alerts,
    provenance: {
      definition_version: value.definition_version,
      window_seq: value.window_seq,
      opened_at: timeText(value.opened_at),
      superseded_by: value.superseded_by,
      algorithm: "vietoris-rips",
      scale: "diameter",
      coefficient_field: 2,
      threshold: value.threshold,
      method: value.cover_radius === null ? "exact" : "subsample",
      points_used: value.points_used,
      cover_radius: value.cover_radius,
    } satisfies StreamResultView["provenance"],
  });
  return `${head.slice(0, -1)},"diagrams":${diagramsText(value)},${tail.slice(1)}`;
}

/** An infinite number is null, as JSON has none. */
function diagramsText({ diagrams }: StreamResult): string {
  if (diagrams.length === 0) return "null";
  const byDimension = [...diagrams].sort((a, b) => a.dimension - b.dimension);
  return renderDiagrams(byDimension.map(({ pairs }) => Float64Array.from(pairs)));
}

function outputsOf(value: StreamResult, asked: readonly StreamOutput[]): Outputs {
  const of = (output: string): Values[] =>
    value.values.filter((one) => one.output === output).sort((a, b) => a.dimension - b.dimension);
  const grid = gridTo(value.threshold);
  const outputs: Outputs = {};
  const curves = of("betti_curve");
  if (curves.length > 0) {
    outputs.betti_curve = curves.map(({ dimension, values }) => ({ dimension, grid, values: [...values] }));
  }
  const landscapes = of("landscape");
  if (landscapes.length > 0) {
    outputs.landscape = landscapes.map(({ dimension, values }) => ({ dimension, grid, levels: levelsOf(values) }));
  }
  for (const name of ["persistence_entropy", "total_persistence"] as const) {
    const numbers = of(name);
    if (numbers.length > 0) outputs[name] = numbers.map(({ values }) => values[0] ?? null);
  }
  if (asked.includes("change_score")) {
    outputs.change_score = { distance: value.change_distance, z_score: value.change_z_score };
  }
  return outputs;
}

function levelsOf(values: readonly number[]): number[][] {
  return Array.from({ length: values.length / GRID_POINTS }, (_, level) =>
    values.slice(level * GRID_POINTS, (level + 1) * GRID_POINTS),
  );
}

/** The engine's grid: evenly spaced from 0, the last exactly the end. */
function gridTo(end: number): number[] {
  const step = end / (GRID_POINTS - 1);
  return Array.from({ length: GRID_POINTS }, (_, i) => (i === GRID_POINTS - 1 ? end : i * step));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
