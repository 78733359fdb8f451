import type { StreamDefinition, StreamOutput } from "@tda-platform/contract/events/stream-definition";
import { STREAM_OUTPUTS } from "@tda-platform/contract/events/stream-definition";
import fc from "fast-check";
import { definition, LogBuilder, type PointOf, STREAM_ID } from "./log-builder.ts";
import type { StreamLog } from "./vector.ts";

/** Sizes are small, so that bounds are met, and one thing in a few is at its bound. */
const window = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((size) => ({ window_type: "tumbling", size_ms: size, slide_ms: size }) as const),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
    .map(([a, b]) => ({ window_type: "sliding", size_ms: Math.max(a, b), slide_ms: Math.min(a, b) }) as const),
  fc
    .integer({ min: 1, max: 6 })
    .map((gap) => ({ window_type: "session", size_ms: 0, slide_ms: 0, gap_ms: gap }) as const),
  fc.integer({ min: 1, max: 5 }).map((count) => ({ window_type: "count", size_ms: 0, slide_ms: 0, count }) as const),
);

const patience = fc.record({
  out_of_orderness_ms: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 })),
  allowed_lateness_ms: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 15 })),
  max_revisions: fc.integer({ min: 0, max: 3 }),
  max_held_points: fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: 20 })),
});

const evaluation = fc.record({
  max_dimension: fc.integer({ min: 0, max: 1 }),
  threshold: fc.oneof(fc.constant(null), fc.constantFrom(0, 1, 2.5)),
  max_points_per_window: fc.integer({ min: 1, max: 8 }),
  // The lowest one refuses some windows, or all.
  max_engine_bytes: fc.oneof(
    { weight: 6, arbitrary: fc.constant(16_777_216) },
    { weight: 1, arbitrary: fc.integer({ min: 500, max: 20_000 }) },
  ),
  outputs: fc.uniqueArray(fc.constantFrom<StreamOutput>(...STREAM_OUTPUTS), { minLength: 1, maxLength: 6 }),
  change_distance: fc.constantFrom("bottleneck" as const, "wasserstein" as const),
  change_p: fc.constantFrom(1, 2, 3),
  change_dimensions: fc.constantFrom([0], [1], [0, 1], [1, 0], [2]),
  change_history: fc.integer({ min: 1, max: 5 }),
  alerts: fc.constantFrom(
    [],
    [
      { name: "jump", level: 1, run_length: 1, cool_down: 1 },
      { name: "drift", level: -0.5, run_length: 2, cool_down: 0 },
    ],
  ),
});

const embedding = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      embedding_type: fc.constant("takens" as const),
      embedding_dimension: fc.integer({ min: 1, max: 3 }),
      embedding_delay: fc.integer({ min: 1, max: 2 }),
      embedding_skip: fc.integer({ min: 1, max: 2 }),
    }),
  },
);

function definitions(dimension: number): fc.Arbitrary<StreamDefinition[]> {
  const one = fc
    .tuple(window, patience, evaluation, embedding)
    .map((parts) => Object.assign({}, ...parts) as Partial<StreamDefinition>);
  return fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((fields) => fields.map((each, i) => definition({ ...each, version: i + 1, point_dimension: dimension })));
}

/** What a record is, before it is known where it stands in the log. */
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("points" as const),
      key: fc.constantFrom("a", "a", "b"),
      /** Of each point after the one before: mostly forward, sometimes the same, sometimes far back. */
      moves: fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.integer({ min: 0, max: 4 }) },
          { weight: 2, arbitrary: fc.integer({ min: -12, max: 12 }) },
        ),
        { minLength: 1, maxLength: 6 },
      ),
      values: fc.array(fc.constantFrom(0, 1, 2, 3.5, -1.25, 7, 0.1, 1e-9), { minLength: 16, maxLength: 16 }),
      /** Sometimes a point has a number too few. */
      broken: fc.oneof(
        { weight: 12, arbitrary: fc.constant(-1) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }) },
      ),
      version: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.constant(-1) },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("flush" as const),
      key: fc.constantFrom("a", "b"),
      lastSeq: fc.oneof(fc.constant(null), fc.constantFrom(0, 0, 0, 1, -1)),
      forget: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      version: fc.constantFrom(0, 0, 0, 1, -1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("again" as const),
      /** Which of the records so far, from the last one. */
      back: fc.integer({ min: 0, max: 12 }),
      isOther: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function recordsOf(steps: readonly Step[], dimension: number, versions: number): StreamLog["records"] {
  const log = new LogBuilder(0);
  let t = -5;
  let version = 1;
  const seqs = new Map<string, number>();
  for (const one of steps) {
    if (one.kind === "again") {
      const { event } = log.records.filter((record) => record.event.kind === "points").at(-1 - one.back) ?? {};
      if (event === undefined) continue;
      const { key, batch_id: batchId, definition_version: old } = event;
      const points = event.points.map((point): PointOf => [point.t, ...point.v]);
      log.points(points, { key, batchId, version: old, body: `${batchId}${one.isOther ? " again" : ""}` });
      continue;
    }
    version = Math.min(Math.max(version + Math.max(one.version, 0), 1), versions);
    const own = Math.min(Math.max(version + Math.min(one.version, 0), 1), versions);
    if (one.kind === "flush") {
      const lastSeq = one.lastSeq === null ? null : Math.max(0, (seqs.get(one.key) ?? 0) + one.lastSeq);
      log.flush(lastSeq, { key: one.key, version: own, forget: one.forget });
      continue;
    }
    const points = one.moves.map((move, i): PointOf => {
      t += move;
      const length = i === one.broken ? dimension - 1 : dimension;
      return [t, ...one.values.slice(2 * i, 2 * i + length)];
    });
    const batchId = `bat_${log.records.length}`;
    log.points(points, { key: one.key, version: own, batchId, body: batchId });
    seqs.set(one.key, (seqs.get(one.key) ?? 0) + points.length);
  }
  return log.records;
}

/**
 * Logs of two keys with disorder, ties, gaps, repeated and conflicting batches, flushes, changes of the definition, and definitions that come
 * late. Equal seeds give equal logs, for a comparison of runners.
 */
export function streamLog({ mostSteps = 40 } = {}): fc.Arbitrary<StreamLog> {
  return fc.integer({ min: 1, max: 2 }).chain((dimension) =>
    fc
      .record({
        definitions: definitions(dimension),
        steps: fc.array(step, { minLength: 1, maxLength: mostSteps }),
        known: fc.array(
          fc.oneof(
            { weight: 4, arbitrary: fc.constant(0) },
            { weight: 1, arbitrary: fc.integer({ min: 0, max: mostSteps }) },
          ),
          { minLength: 3, maxLength: 3 },
        ),
        deleted: fc.oneof(
          { weight: 12, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.integer({ min: 0, max: mostSteps }) },
        ),
      })
      .map(({ definitions: versions, steps, known, deleted }): StreamLog => {
        const definitionsKnownAfter = versions.map((_, i) => known[i] as number);
        return {
          definitions: versions,
          ...(definitionsKnownAfter.every((after) => after === 0) ? {} : { definitionsKnownAfter }),
          ...(deleted === null ? {} : { deletedAfter: { [STREAM_ID]: deleted } }),
          records: recordsOf(steps, dimension, versions.length),
        };
      }),
  );
}
