import { STREAM_CHANGE_DEFAULTS, type StreamSettings } from "@tda-platform/contract/streams";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../problem.ts";
import { logDefinition, meansTheSame } from "./stream-definition.ts";
import { changedSettings, readStreamChange, readStreamRequest } from "./stream-request.ts";

const least = { name: "bearing", point_dimension: 3, window: { type: "tumbling", size_ms: 1000 } };
const read = (more: object = {}): StreamSettings => readStreamRequest({ ...least, ...more }, 10);

/** Code and places of what a definition is refused with. */
function refusal(more: object, base: object = least): [string, ...string[]] {
  try {
    readStreamRequest({ ...base, ...more }, 10);
  } catch (error) {
    if (error instanceof ProblemError) return [error.code, ...error.places.map(({ pointer }) => pointer)];
    throw error;
  }
  return ["accepted"];
}

describe("a definition", () => {
  it("has the defaults of the API", () => {
    expect(read()).toEqual({
      name: "bearing",
      point_dimension: 3,
      window: { type: "tumbling", size_ms: 1000, slide_ms: null, gap_ms: null, count: null },
      out_of_orderness_ms: 0,
      allowed_lateness_ms: 0,
      max_revisions: 5,
      idle_timeout_ms: null,
      embedding: { type: "none", dimension: null, delay: 1, skip: 1 },
      compute: { algorithm: "vietoris-rips", max_dimension: 1, threshold: null },
      max_points_per_window: 500,
      outputs: ["diagrams"],
      change: null,
      alerts: [],
      delivery: "effectively_once",
    });
    expect(read({ outputs: ["change_score"] }).change).toEqual(STREAM_CHANGE_DEFAULTS);
  });

  it("takes what the documentation shows as defaults, also where it has no effect", () => {
    const shown = {
      window: { type: "tumbling", size_ms: 1000, slide_ms: null, gap_ms: null, count: null },
      embedding: { type: "none", dimension: null, delay: 1, skip: 1 },
      change: { distance: "bottleneck", p: 2, dimensions: [1], history: 50 },
    };
    expect(read(shown)).toEqual(read());
  });

  it.each([
    [{ window: { type: "tumbling" } }, "/window/size_ms"],
    [{ window: { type: "tumbling", size_ms: 10, slide_ms: 10 } }, "/window/slide_ms"],
    [{ window: { type: "sliding", size_ms: 10 } }, "/window/slide_ms"],
    [{ window: { type: "sliding", size_ms: 10, slide_ms: 11 } }, "/window/slide_ms"],
    [{ window: { type: "sliding", size_ms: 641, slide_ms: 10 } }, "/window/slide_ms"],
    [{ window: { type: "session", size_ms: 10, gap_ms: 10 } }, "/window/size_ms"],
    [{ window: { type: "session" } }, "/window/gap_ms"],
    [{ window: { type: "count" } }, "/window/count"],
    [{ window: { type: "count", count: 0 } }, "/window/count"],
    [{ window: { type: "hopping" } }, "/window/type"],
    [{ embedding: { type: "takens" } }, "/embedding/dimension"],
    [{ embedding: { type: "none", dimension: 2 } }, "/embedding"],
    [{ compute: { threshold: -1 } }, "/compute/threshold"],
    [{ change: { history: 10 } }, "/change"],
    [{ outputs: ["change_score"], change: { dimensions: [0, 2] } }, "/change/dimensions/1"],
    [{ outputs: ["change_score"], compute: { max_dimension: 0 } }, "/change/dimensions"],
    [{ outputs: [] }, "/outputs"],
    [{ outputs: ["diagrams", "diagrams"] }, "/outputs"],
    [{ alerts: [{ name: "a", level: 3 }] }, "/alerts"],
    [{ point_dimension: 0 }, "/point_dimension"],
    [{ delivery: "exactly_once" }, "/delivery"],
    [{ idle_timeout_ms: 0 }, "/idle_timeout_ms"],
  ])("is refused where it contradicts itself: %j", (more, place) => {
    expect(refusal(more)).toEqual(["validation_failed", place]);
  });

  it("is refused with codes of its own for fields that it does not know, dimensions and callbacks", () => {
    expect(refusal({ windows: 1 })).toEqual(["unknown_field", "/windows"]);
    expect(refusal({ compute: { max_dimension: 11 } })[0]).toBe("dimension_limit_exceeded");
    const alerts = [{ name: "a", level: 3, callback_url: "ftp://example.org" }];
    expect(refusal({ outputs: ["change_score"], alerts })).toEqual(["invalid_callback_url", "/alerts/0/callback_url"]);
    const twice = [
      { name: "a", level: 3 },
      { name: "a", level: 4 },
    ];
    expect(refusal({ outputs: ["change_score"], alerts: twice })).toEqual(["validation_failed", "/alerts/1/name"]);
    expect(refusal({}, { name: "x" })[0]).toBe("validation_failed");
  });

  it("takes the widest windows that it may have", () => {
    expect(refusal({ window: { type: "sliding", size_ms: 640, slide_ms: 10 } })).toEqual(["accepted"]);
    expect(refusal({ window: { type: "sliding", size_ms: 10, slide_ms: 10 } })).toEqual(["accepted"]);
  });
});

describe("a change", () => {
  const score = () => read({ outputs: ["change_score"], alerts: [{ name: "a", level: 3 }] });
  const changed = (present: StreamSettings, change: object) => changedSettings(present, readStreamChange(change), 10);

  it("replaces what it gives as a whole, and keeps the rest", () => {
    const after = changed(read({ max_revisions: 2 }), { window: { type: "count", count: 5 } });
    expect(after.window).toEqual({ type: "count", size_ms: null, slide_ms: null, gap_ms: null, count: 5 });
    expect(after.max_revisions).toBe(2);
    expect(changed(score(), { change: { history: 7 } }).change).toEqual({ ...STREAM_CHANGE_DEFAULTS, history: 7 });
  });

  it("never changes the dimension of points", () => {
    expect(() => changed(read(), { point_dimension: 4 })).toThrow("same dimension");
    expect(changed(read(), { point_dimension: 3 })).toEqual(read());
    expect(() => changed(read(), {})).toThrow();
  });

  it("drops the score's settings with the score, and asks about its alerts", () => {
    expect(changed(score(), { outputs: ["diagrams"], alerts: [] }).change).toBeNull();
    expect(() => changed(score(), { outputs: ["diagrams"] })).toThrow(ProblemError);
  });

  it("is one of meaning unless it is of the name or of callbacks alone", () => {
    const bounds = { streamKeyTtlMs: 1, streamMaxHeldPoints: 2, streamMaxEngineBytes: 3 };
    const defined = (settings: StreamSettings, version = 1) =>
      logDefinition({ projectId: "prj_1", id: "str_1", version }, settings, bounds);
    const before = score();
    const callback = { alerts: [{ name: "a", level: 3, callback_url: "https://example.org/x" }] };
    for (const same of [{ name: "other" }, callback])
      expect(meansTheSame(defined(before), defined(changed(before, same), 2)), JSON.stringify(same)).toBe(true);
    for (const other of [
      { max_revisions: 1 },
      { alerts: [{ name: "a", level: 4 }] },
      { outputs: ["change_score", "diagrams"] },
    ])
      expect(meansTheSame(defined(before), defined(changed(before, other)))).toBe(false);
    expect(defined(read()).slide_ms).toBe(1000);
    expect(defined(read()).idle_timeout_ms).toBe(5_000);
    expect(JSON.stringify(defined(changed(before, callback)))).not.toContain("example.org");
  });
});
