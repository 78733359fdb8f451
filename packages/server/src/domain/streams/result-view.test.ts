import { STREAM_OUTPUTS } from "@tda-platform/contract/events/stream-definition";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import { idPattern } from "@tda-platform/contract/identifiers";
import { STREAM_RESULT_SCHEMA, type StreamResultView } from "@tda-platform/contract/streams";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { newResult } from "./result-view.ts";

const isView = new Ajv2020({ strict: false, validateFormats: false }).compile(STREAM_RESULT_SCHEMA);
const value: StreamResult = {
  project_id: "prj_1",
  stream_id: "str_1",
  definition_version: 2,
  key: "sensor",
  window_seq: 7,
  revision: 1,
  opened_at: 1_700_000_000_000,
  window_start: -1_000,
  window_end: 0,
  superseded_by: null,
  points: 30,
  points_used: 20,
  cover_radius: 0.25,
  threshold: 6.3,
  diagrams: [
    { dimension: 0, pairs: [0, 0.5, 0, Number.POSITIVE_INFINITY] },
    { dimension: 1, pairs: [0.1 + 0.2, 1] },
  ],
  values: [
    { output: "betti_curve", dimension: 0, values: Array.from({ length: 64 }, (_, i) => i) },
    { output: "landscape", dimension: 0, values: Array.from({ length: 320 }, (_, i) => i) },
    { output: "persistence_entropy", dimension: 0, values: [0.5] },
    { output: "persistence_entropy", dimension: 1, values: [0] },
    { output: "total_persistence", dimension: 0, values: [0.5] },
  ],
  change_distance: null,
  change_z_score: null,
  alerts: ["rule"],
};
const view = (given: Partial<StreamResult> = {}, outputs: (typeof STREAM_OUTPUTS)[number][] = [...STREAM_OUTPUTS]) =>
  JSON.parse(
    Buffer.from(newResult({ ...value, ...given }, new Uint8Array(32), outputs).body).toString(),
  ) as StreamResultView;

describe("a result as clients see it", () => {
  it("has the diagrams of the compute call, and outputs by dimension on the engine's grid", () => {
    const one = view();
    expect(isView(one), JSON.stringify(isView.errors)).toBe(true);
    expect(one.diagrams).toEqual([
      [
        [0, 0.5],
        [0, null],
      ],
      [[0.30000000000000004, 1]],
    ]);
    expect([one.window_start, one.window_end]).toEqual(["1969-12-31T23:59:59.000Z", "1970-01-01T00:00:00.000Z"]);
    const [curve] = one.outputs.betti_curve!;
    expect([curve!.grid.length, curve!.grid[0], curve!.grid[1], curve!.grid[63]]).toEqual([64, 0, 6.3 / 63, 6.3]);
    expect(one.outputs.landscape![0]!.levels.map((level) => [level.length, level[0]])).toEqual(
      Array.from({ length: 5 }, (_, level) => [64, 64 * level]),
    );
    expect(one.outputs.persistence_entropy).toEqual([0.5, 0]);
    expect(one.outputs.change_score).toEqual({ distance: null, z_score: null });
    expect(one.provenance).toMatchObject({ method: "subsample", points_used: 20, cover_radius: 0.25, window_seq: 7 });
    expect(one.alerts).toEqual(["rule"]);
  });

  it("has no diagrams and scores that were not asked for", () => {
    const one = view({ diagrams: [], values: [], cover_radius: null }, ["persistence_entropy"]);
    expect([one.diagrams, one.outputs, one.provenance.method]).toEqual([null, {}, "exact"]);
    expect(isView(one)).toBe(true);
  });

  it("says when its window was joined with another", () => {
    const one = view({ superseded_by: 3, diagrams: [], values: [] });
    expect([one.superseded, one.provenance.superseded_by, one.outputs]).toEqual([true, 3, {}]);
    expect(isView(one)).toBe(true);
  });

  it("has an identifier that follows from its name alone", () => {
    const { id } = view();
    expect(id).toMatch(new RegExp(idPattern("res")));
    expect(view({ points: 1 }).id).toBe(id);
    for (const other of [{ revision: 2 }, { key: "x" }, { window_seq: 8 }, { definition_version: 3 }])
      expect(view(other).id).not.toBe(id);
  });
});
