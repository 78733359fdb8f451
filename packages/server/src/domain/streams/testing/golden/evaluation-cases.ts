import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { counting, definition } from "../log-builder.ts";
import { gives, goldenCase } from "./golden-case.ts";

const INFINITE = Number.POSITIVE_INFINITY;
/** Of the robust z-score: the MAD of a normal distribution is its standard deviation over this. */
const MAD_SCALE = 1.482602218505602;
const EVERY = ["diagrams", "betti_curve", "persistence_entropy", "landscape", "total_persistence"] as const;
const SQUARE = [
  [0, 0, 0],
  [1, 1, 0],
  [2, 1, 1],
  [3, 0, 1],
] as const;

/** Of two points a length apart: one bar as long, and one that does not end until the threshold, which is the length too. */
const pairs = (...lengths: readonly number[]) =>
  lengths.flatMap((length, i) => [[2 * i, 0] as const, [2 * i + 1, length] as const]);
const scored = (fields: Partial<StreamDefinition> = {}) => counting(2, { outputs: ["change_score"], ...fields });
const scores = (seq: number, distance: number | null, zScore: number | null, alerts: readonly string[] = []) => ({
  ...{ window_seq: seq, revision: 0, change_distance: distance, change_z_score: zScore, alerts },
  ...{ diagrams: [], values: [] },
});

/** 64 grid points from 0 to `end`. */
const grid = (end: number) => Array.from({ length: 64 }, (_, i) => (i === 63 ? end : (end / 63) * i));
const zeros = (length: number) => Array.from({ length }, () => 0);

export const EVALUATION_CASES = [
  goldenCase("outputs-of-a-line", "0, 3 and 7: bars of 3 and 4, enclosing radius 4. Each output, of dimension 0.", {
    definitions: [definition({ outputs: EVERY })],
    log: (log) =>
      log
        .points([
          [0, 0],
          [1, 3],
          [2, 7],
        ])
        .flush(null),
    results: [
      gives(0, 0, 0, 1000, 3, {
        points_used: 3,
        cover_radius: null,
        threshold: 4,
        diagrams: [{ dimension: 0, pairs: [0, 3, 0, 4, 0, INFINITE] }],
        values: [
          { output: "betti_curve", dimension: 0, values: grid(4).map((t) => (t < 3 ? 3 : t < 4 ? 2 : 1)) },
          // 3/7 and 4/7.
          { output: "persistence_entropy", dimension: 0, values: [0.6829081047004717] },
          {
            output: "landscape",
            dimension: 0,
            values: [
              ...grid(4).map((t) => Math.max(0, Math.min(t, 4 - t))),
              ...grid(4).map((t) => Math.max(0, Math.min(t, 3 - t))),
              ...zeros(3 * 64),
            ],
          },
          { output: "total_persistence", dimension: 0, values: [7] },
        ],
        change_distance: null,
        change_z_score: null,
        alerts: [],
      }),
    ],
  }),
  goldenCase(
    "outputs-in-order",
    "Outputs come in the order of the definition, each for every dimension; without diagrams among them there are none.",
    {
      definitions: [
        definition({ point_dimension: 2, max_dimension: 1, outputs: ["total_persistence", "betti_curve"] }),
      ],
      log: (log) => log.points(SQUARE).flush(null),
      // A square: three bars of 1 in dimension 0, and a circle from 1 to the diagonal.
      results: [
        gives(0, 0, 0, 1000, 4, {
          threshold: Math.SQRT2,
          diagrams: [],
          values: [
            { output: "total_persistence", dimension: 0, values: [3] },
            { output: "total_persistence", dimension: 1, values: [Math.SQRT2 - 1] },
            { output: "betti_curve", dimension: 0, values: grid(Math.SQRT2).map((t) => (t < 1 ? 4 : 1)) },
            {
              output: "betti_curve",
              dimension: 1,
              values: grid(Math.SQRT2).map((t) => (t >= 1 && t < Math.SQRT2 ? 1 : 0)),
            },
          ],
        }),
      ],
    },
  ),
  goldenCase("threshold-cuts", "Up to a threshold of 3 the points 0, 3 and 7 are two components.", {
    definitions: [definition({ threshold: 3, outputs: ["diagrams", "total_persistence"] })],
    log: (log) =>
      log
        .points([
          [0, 0],
          [1, 3],
          [2, 7],
        ])
        .flush(null),
    results: [
      gives(0, 0, 0, 1000, 3, {
        threshold: 3,
        diagrams: [{ dimension: 0, pairs: [0, 3, 0, INFINITE, 0, INFINITE] }],
        values: [{ output: "total_persistence", dimension: 0, values: [3] }],
      }),
    ],
  }),
  goldenCase("threshold-zero", "With a threshold of 0 every point is alone, and the grid is 64 times 0.", {
    definitions: [definition({ threshold: 0, outputs: EVERY })],
    log: (log) =>
      log
        .points([
          [0, 0],
          [1, 3],
        ])
        .flush(null),
    results: [
      gives(0, 0, 0, 1000, 2, {
        threshold: 0,
        diagrams: [{ dimension: 0, pairs: [0, INFINITE, 0, INFINITE] }],
        values: [
          { output: "betti_curve", dimension: 0, values: zeros(64).map(() => 2) },
          { output: "persistence_entropy", dimension: 0, values: [0] },
          { output: "landscape", dimension: 0, values: zeros(320) },
          { output: "total_persistence", dimension: 0, values: [0] },
        ],
      }),
    ],
  }),
  goldenCase("one-point", "A window of one point has the enclosing radius 0.", {
    definitions: [definition({ outputs: EVERY, max_dimension: 1 })],
    log: (log) => log.points([[3, 5]]).flush(null),
    results: [
      gives(0, 0, 0, 1000, 1, {
        threshold: 0,
        diagrams: [
          { dimension: 0, pairs: [0, INFINITE] },
          { dimension: 1, pairs: [] },
        ],
      }),
    ],
  }),
  goldenCase("equal-points", "Points that are the same have bars of length zero, which are none.", {
    log: (log) =>
      log
        .points([
          [0, 2],
          [1, 2],
          [2, 2],
        ])
        .flush(null),
    results: [gives(0, 0, 0, 1000, 3, { threshold: 0, diagrams: [{ dimension: 0, pairs: [0, INFINITE] }] })],
  }),
  goldenCase("takens", "Delays of 1 and skips of 2 make the rows (0, 3), (7, 1) of 0, 3, 7, 1, 5.", {
    definitions: [definition({ embedding_type: "takens", embedding_dimension: 2, embedding_skip: 2 })],
    log: (log) =>
      log
        .points([
          [0, 0],
          [1, 3],
          [2, 7],
          [3, 1],
          [4, 5],
        ])
        .flush(null),
    results: [
      gives(0, 0, 0, 1000, 5, {
        points_used: 2,
        threshold: Math.sqrt(53),
        diagrams: [{ dimension: 0, pairs: [0, Math.sqrt(53), 0, INFINITE] }],
      }),
    ],
  }),
  goldenCase(
    "takens-too-short",
    "A window that is too short for a row has empty diagrams, and the threshold of the definition, or 0.",
    {
      definitions: [
        definition({ embedding_type: "takens", embedding_dimension: 3, outputs: EVERY, max_dimension: 1 }),
        definition({ version: 2, embedding_type: "takens", embedding_dimension: 3, threshold: 2.5 }),
      ],
      log: (log) =>
        log
          .points([
            [0, 1],
            [1, 2],
          ])
          .points([[5, 1]], { version: 2 })
          .flush(null, { version: 2 }),
      results: [
        gives(0, 0, 0, 1000, 2, {
          points_used: 0,
          cover_radius: null,
          threshold: 0,
          diagrams: [
            { dimension: 0, pairs: [] },
            { dimension: 1, pairs: [] },
          ],
        }),
        gives(1, 0, 0, 1000, 1, { points_used: 0, threshold: 2.5, diagrams: [{ dimension: 0, pairs: [] }] }),
      ],
    },
  ),
  goldenCase("subsample", "Of five points the three farthest are kept in their order: 0, 10 and 5 of 0, 1, 5, 9, 10.", {
    definitions: [definition({ max_points_per_window: 3 })],
    log: (log) =>
      log
        .points([
          [0, 0],
          [1, 1],
          [2, 5],
          [3, 9],
          [4, 10],
        ])
        .flush(null),
    results: [
      gives(0, 0, 0, 1000, 5, {
        points_used: 3,
        cover_radius: 1,
        threshold: 5,
        diagrams: [{ dimension: 0, pairs: [0, 5, 0, 5, 0, INFINITE] }],
      }),
    ],
  }),
  goldenCase(
    "subsample-of-equal-points",
    "Rows that equal one of the sample are never taken, so that it may have fewer.",
    {
      definitions: [definition({ max_points_per_window: 2 })],
      log: (log) =>
        log
          .points([
            [0, 4],
            [1, 4],
            [2, 4],
          ])
          .flush(null),
      results: [gives(0, 0, 0, 1000, 3, { points_used: 1, cover_radius: 0, threshold: 0 })],
    },
  ),
  goldenCase(
    "change-score",
    "Bars of 10, 11, 13, 16, 20: the distances are 1, 2, 3, 4. The first has no history, the second one without spread.",
    {
      definitions: [scored()],
      log: (log) => log.points(pairs(10, 11, 13, 16, 20)),
      // The bottleneck distance moves each of the two equal bars. Of 1 and 2 the median is 1.5 and the MAD 0.5; of 1, 2 and 3 2 and 1.
      results: [
        scores(0, null, null),
        scores(1, 1, null),
        scores(2, 2, null),
        scores(3, 3, 1.5 / (MAD_SCALE * 0.5)),
        scores(4, 4, 2 / MAD_SCALE),
      ],
    },
  ),
  goldenCase("change-score-history", "The history has change_history distances: 4 is compared with 2 and 3 here.", {
    definitions: [scored({ change_history: 2 })],
    log: (log) => log.points(pairs(10, 11, 13, 16, 20)),
    results: [
      scores(0, null, null),
      scores(1, 1, null),
      scores(2, 2, null),
      scores(3, 3, 1.5 / (MAD_SCALE * 0.5)),
      scores(4, 4, 1.5 / (MAD_SCALE * 0.5)),
    ],
  }),
  goldenCase(
    "change-score-wasserstein",
    "Order 1 and the norm infinity: both bars move, and what they move is added.",
    {
      definitions: [scored({ change_distance: "wasserstein", change_p: 1 })],
      log: (log) => log.points(pairs(10, 11, 13)),
      results: [scores(0, null, null), scores(1, 2, null), scores(2, 4, null)],
    },
  ),
  goldenCase(
    "change-score-dimensions",
    "The greatest over the change dimensions that there are; without one there is no distance.",
    {
      definitions: [scored({ change_dimensions: [1, 0, 2] }), scored({ version: 2, change_dimensions: [2] })],
      log: (log) => log.points(pairs(10, 11)).points(pairs(10, 11), { version: 2 }),
      results: [scores(0, null, null), scores(1, 1, null), scores(2, null, null), scores(3, null, null)],
    },
  ),
  goldenCase(
    "change-score-of-a-revision",
    "A window is compared with the newest revision of the highest seq below its own; a revision's distance joins no history.",
    {
      definitions: [definition({ outputs: ["change_score"], allowed_lateness_ms: 10_000, max_revisions: 3 })],
      log: (log) =>
        log
          // Bars of 10, 11 and 13, of seq 0, 1 and 2.
          .points([
            [0, 0],
            [1, 10],
            [1000, 0],
            [1001, 11],
            [2000, 0],
            [2001, 13],
            [3000, 0],
          ])
          // Seq 0 has bars of 10 and 5 now, and the enclosing radius 10: nothing is below it.
          .points([[2, 15]])
          // Seq 1 has bars of 11 and 1 and the enclosing radius 11: from 5, 10, 10 to 1, 11, 11.
          .points([[1002, 12]])
          // Seq 3: a bar of 17, from 13.
          .points([[3001, 17]])
          .flush(null),
      results: [
        { window_seq: 0, revision: 0, change_distance: null },
        { window_seq: 1, revision: 0, change_distance: 1, change_z_score: null },
        { window_seq: 2, revision: 0, change_distance: 2, change_z_score: null },
        { window_seq: 0, revision: 1, change_distance: null, change_z_score: null },
        // 2.5: the bar of 5 is left alone at half its length, and that of 1 at half of it; 10 moves to 11. The history is 1 and 2.
        { window_seq: 1, revision: 1, change_distance: 2.5, change_z_score: 1 / (MAD_SCALE * 0.5) },
        { window_seq: 3, revision: 0, change_distance: 4, change_z_score: 2.5 / (MAD_SCALE * 0.5) },
      ],
    },
  ),
  goldenCase(
    "change-score-out-of-order",
    "Seqs are by opening: a window that fires first may have nothing below it, and the next one is compared with the highest seq, not with the last result.",
    {
      definitions: [definition({ outputs: ["change_score"], out_of_orderness_ms: 3000 })],
      log: (log) =>
        log.points([
          [2000, 0],
          [2001, 10],
          [0, 0],
          [1, 14],
          [1000, 0],
          [1001, 20],
          [3000, 0],
          [3001, 13],
          [9000, 0],
        ]),
      // Seq 0 is [2000, 3000), seq 1 [0, 1000), seq 2 [1000, 2000), seq 3 [3000, 4000).
      results: [
        { window_seq: 1, change_distance: null },
        { window_seq: 2, change_distance: 6 },
        { window_seq: 0, change_distance: null },
        { window_seq: 3, change_distance: 7 },
      ],
    },
  ),
  goldenCase(
    "change-score-remembers-64-results",
    "Of 70 results those of seq 6 to 69 are remembered: nothing is below seq 3 or 6, and seq 6 is below 7.",
    {
      definitions: [
        definition({
          ...{ size_ms: 10, slide_ms: 10, outputs: ["change_score"] },
          ...{ allowed_lateness_ms: 10_000, max_revisions: 3 },
        }),
      ],
      log: (log) => {
        const windows = Array.from({ length: 70 }, (_, i) => [[10 * i, 0] as const, [10 * i + 1, 100 + i] as const]);
        // The last three double a point that is there: no other diagram.
        return log.points([...windows.flat(), [700, 0], [32, 0], [72, 0], [62, 0]]);
      },
      results: [
        { window_seq: 0, change_distance: null },
        ...Array.from({ length: 69 }, (_, i) => ({ window_seq: i + 1, revision: 0, change_distance: 1 })),
        { window_seq: 3, revision: 1, change_distance: null },
        { window_seq: 7, revision: 1, change_distance: 1, change_z_score: null },
        { window_seq: 6, revision: 1, change_distance: null },
      ],
    },
  ),
  goldenCase("change-score-begins-with-each-version", "What was remembered of one version is nothing to the next.", {
    definitions: [scored(), scored({ version: 2 })],
    log: (log) => log.points(pairs(10, 11, 13)).points(pairs(16, 20), { version: 2 }),
    results: [scores(0, null, null), scores(1, 1, null), scores(2, 2, null), scores(3, null, null), scores(4, 4, null)],
  }),
  goldenCase("alerts", "Two rules: each counts windows in a row for itself, and rests after an alert.", {
    definitions: [
      scored({
        change_history: 3,
        alerts: [
          { name: "once", level: 3, run_length: 1, cool_down: 2 },
          { name: "twice", level: 3, run_length: 2, cool_down: 0 },
        ],
      }),
    ],
    /*
     * Distances 1, 2, 3, then 10, 30, 90, 270, 810. Of the last three the median and the MAD are 2 and 1; 3 and 1; 10 and 7; 30 and 20;
     * 90 and 60: z-scores 8, 27, 80/7, 12 and 12, each divided by 1.4826: all at least 3.
     */
    log: (log) => log.points(pairs(10_000, 10_001, 10_003, 10_006, 10_016, 10_046, 10_136, 10_406, 11_216)),
    results: [
      scores(0, null, null),
      scores(1, 1, null),
      scores(2, 2, null),
      { window_seq: 3, change_distance: 3, alerts: [] },
      { window_seq: 4, change_distance: 10, change_z_score: 8 / MAD_SCALE, alerts: ["once"] },
      { window_seq: 5, change_distance: 30, change_z_score: 27 / MAD_SCALE, alerts: ["twice"] },
      { window_seq: 6, change_distance: 90, alerts: [] },
      { window_seq: 7, change_distance: 270, alerts: ["once", "twice"] },
      { window_seq: 8, change_distance: 810, alerts: [] },
    ],
  }),
  goldenCase(
    "engine-refuses",
    "A window that the engine has not the memory for gives one rejection; what is remembered is as if it had not been, and all others go on.",
    {
      definitions: [
        definition({ outputs: ["diagrams", "change_score"], max_engine_bytes: 20_000, max_points_per_window: 5000 }),
      ],
      log: (log) =>
        log
          .points([
            [0, 0],
            [1, 10],
          ])
          .points(Array.from({ length: 400 }, (_, i) => [1000 + i, i * i] as const))
          .points([
            [2000, 0],
            [2001, 11],
          ])
          .flush(null),
      results: [
        gives(0, 0, 0, 1000, 2, { change_distance: null }),
        gives(2, 0, 2000, 3000, 2, { change_distance: 1, change_z_score: null }),
      ],
      rejected: [
        {
          origin: "window:1:1:0",
          reason: "failed",
          code: "memory_limit_exceeded",
          t: 1000,
          v: null,
          raw: null,
          received_at: 1_760_000_001_000,
        },
      ],
    },
  ),
  goldenCase("engine-overflows", "Distances beyond float64 are refused as well.", {
    log: (log) =>
      log
        .points([
          [0, -1.7e308],
          [1, 1.7e308],
        ])
        .flush(null),
    results: [],
    rejected: [{ origin: "window:1:0:0", reason: "failed", code: "distance_overflow", t: 0 }],
  }),
];
