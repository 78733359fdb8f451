import { counting, definition, STREAM_ID } from "../log-builder.ts";
import { gives, goldenCase, rejects } from "./golden-case.ts";

const WAITING = 10_000;

export const RECORD_CASES = [
  goldenCase(
    "flush-with-a-seq",
    "A flush counts where its last_seq is the number of points so far, rejected ones included.",
    {
      log: (log) => log.points([100, 2500, 200]).flush(2).flush(4).flush(3).flush(3),
      results: [gives(0, 0, 0, 1000, 1), gives(1, 0, 2000, 3000, 1)],
      rejected: [rejects(0, 2, "window_closed", 200)],
    },
  ),
  goldenCase(
    "flush-moves-the-watermark",
    "A flush moves the watermark to the last end: later points are judged by it.",
    {
      definitions: [definition({ allowed_lateness_ms: 500, max_revisions: 5 })],
      log: (log) => log.points([100]).flush(null).points([200]).flush(null).points([1400, 300]).points([1500, 400]),
      results: [gives(0, 0, 0, 1000, 1), gives(0, 1, 0, 1000, 2), gives(0, 2, 0, 1000, 3)],
      rejected: [rejects(5, 1, "window_closed", 400)],
    },
  ),
  goldenCase(
    "flush-of-nothing",
    "A flush of a key with nothing pending changes nothing, nor does one of a key that has nothing.",
    {
      log: (log) => log.flush(null).flush(0).points([0, 1000]).flush(null).flush(null).points([1999]),
      results: [gives(0, 0, 0, 1000, 1), gives(1, 0, 1000, 2000, 1)],
      rejected: [rejects(5, 0, "window_closed", 1999)],
    },
  ),
  goldenCase("forget", "A flush that forgets fires, and ends the state: seqs, points so far and batches begin again.", {
    log: (log) =>
      log
        .points([5100], { batchId: "bat_a", body: "a" })
        .flush(9, { forget: true })
        .flush(1, { forget: true })
        .points([50], { batchId: "bat_a", body: "a" })
        .flush(1),
    results: [
      gives(0, 0, 5000, 6000, 1, { opened_at: 1_760_000_000_000 }),
      gives(0, 0, 0, 1000, 1, { opened_at: 1_760_000_003_000 }),
    ],
  }),
  goldenCase(
    "version-change",
    "A record of a higher version closes the key, whose times begin again; seqs go on. A later record of the lower version is one of the higher.",
    {
      definitions: [definition(), definition({ version: 2, size_ms: 100, slide_ms: 100 })],
      log: (log) =>
        log
          .points([5000, 9500])
          .points([120, 180], { version: 2 })
          .points([230], { version: 1 })
          .points([110], { version: 1 }),
      results: [
        gives(0, 0, 5000, 6000, 1, { definition_version: 1 }),
        gives(1, 0, 9000, 10_000, 1, { definition_version: 1 }),
        gives(2, 0, 100, 200, 2, { definition_version: 2 }),
      ],
      rejected: [rejects(3, 0, "window_closed", 110, { definition_version: 2 })],
    },
  ),
  goldenCase(
    "version-change-by-flush",
    "A flush of a higher version closes the key, also where its last_seq is another.",
    {
      definitions: [definition(), counting(2, { version: 3 })],
      log: (log) => log.points([100]).flush(77, { version: 3 }).points([5, 6], { version: 1 }),
      results: [gives(0, 0, 0, 1000, 1, { definition_version: 1 }), gives(1, 0, 5, 6, 2, { definition_version: 3 })],
    },
  ),
  goldenCase(
    "version-change-keeps-batches",
    "Batches are remembered over versions; a repeated one closes the key all the same.",
    {
      definitions: [definition(), definition({ version: 2 })],
      log: (log) =>
        log
          .points([100], { batchId: "bat_a", body: "a" })
          .points([100], { batchId: "bat_a", body: "a", version: 2 })
          .flush(1, { version: 2 }),
      results: [gives(0, 0, 0, 1000, 1, { definition_version: 1 })],
    },
  ),
  goldenCase(
    "version-unknown",
    "A record of a version that is not known yet waits, and all of the key's after it; then they are consumed in order.",
    {
      definitions: [definition(), definition({ version: 2, size_ms: 100, slide_ms: 100 })],
      definitionsKnownAfter: [0, 4],
      log: (log) =>
        log
          .points([100])
          .points([50], { version: 2 })
          .points([150], { version: 1 })
          .points([7], { key: "other" })
          .points([250], { version: 2 })
          .flush(null, { key: "other" }),
      results: [
        gives(0, 0, 0, 1000, 1, { key: "k", definition_version: 1 }),
        gives(1, 0, 0, 100, 1, { key: "k", definition_version: 2 }),
        gives(2, 0, 100, 200, 1, { key: "k", definition_version: 2 }),
        gives(0, 0, 0, 1000, 1, { key: "other", definition_version: 1 }),
      ],
    },
  ),
  goldenCase(
    "version-unknown-too-long",
    "At most 10,000 points of a key wait; the others are rejected one by one, and count in no seq.",
    {
      definitions: [counting(WAITING, { max_held_points: WAITING })],
      definitionsKnownAfter: [4],
      log: (log) =>
        log
          .points(Array.from({ length: WAITING - 1 }, () => 1))
          .points([2, 3, 4])
          .points([5])
          .flush(WAITING)
          .points([6]),
      // 9,999 at 1, one at 2. The flush comes when the window has fired, and its number is right.
      results: [gives(0, 0, 1, 2, WAITING, { points_used: 1, cover_radius: 0 })],
      rejected: [
        rejects(1, 1, "definition_unknown", 3),
        rejects(1, 2, "definition_unknown", 4),
        rejects(2, 0, "definition_unknown", 5),
      ],
    },
  ),
  goldenCase("stream-deleted", "Of a stream that was deleted nothing more comes, not of what waits either.", {
    definitions: [definition(), definition({ version: 2 })],
    definitionsKnownAfter: [0, 99],
    deletedAfter: { [STREAM_ID]: 3 },
    log: (log) =>
      log
        .points([100, 1100])
        .points([5], { key: "other", version: 2 })
        .points([6], { key: "third" })
        .flush(null)
        .flush(null, { key: "third" })
        .points([3000, 5000]),
    results: [gives(0, 0, 0, 1000, 1)],
  }),
  goldenCase(
    "batches-repeated",
    "A batch that is sent again is dropped; another part of it is not, nor is the same under another key.",
    {
      log: (log) =>
        log
          .points([100], { batchId: "bat_a", body: "a" })
          .points([100], { batchId: "bat_a", body: "a" })
          .points([101], { batchId: "bat_a", body: "b", part: 1 })
          .points([100], { batchId: "bat_a", body: "a", key: "other" })
          .flush(2)
          .flush(1, { key: "other" }),
      results: [gives(0, 0, 0, 1000, 2, { key: "k" }), gives(0, 0, 0, 1000, 1, { key: "other" })],
    },
  ),
  goldenCase("batch-conflict", "A batch with another content is rejected point by point; these count in no seq.", {
    log: (log) =>
      log
        .points([100], { batchId: "bat_a", body: "a" })
        .points([[200, 1.5], 300], { batchId: "bat_a", body: "b" })
        .points([100], { batchId: "bat_a", body: "a" })
        .flush(1),
    results: [gives(0, 0, 0, 1000, 1)],
    rejected: [rejects(1, 0, "batch_conflict", 200, { v: [1.5] }), rejects(1, 1, "batch_conflict", 300)],
  }),
  goldenCase(
    "batches-remembered",
    "The last 128 batches are remembered: the 129th makes the key forget the first, and only that.",
    {
      log: (log) => {
        for (let i = 0; i < 129; i++) log.points([i], { batchId: `bat_${i}`, body: "" });
        // Joins again, and the second is forgotten for it; the third is still known.
        log.points([0], { batchId: "bat_0", body: "" });
        return log.points([2], { batchId: "bat_2", body: "" }).points([1], { batchId: "bat_1", body: "" }).flush(131);
      },
      results: [gives(0, 0, 0, 1000, 131, { points_used: 1, cover_radius: 0 })],
    },
  ),
  goldenCase(
    "too-many-points",
    "A key holds max_held_points; lateness is judged before, and what has left makes room.",
    {
      definitions: [definition({ max_held_points: 3, out_of_orderness_ms: 500 })],
      log: (log) =>
        log
          .points([0, 1000, 1400])
          .points([1499, 1600, -1])
          .flush(5)
          .flush(6)
          .points([2500, 2600, 2700, 2800])
          .flush(10),
      results: [gives(0, 0, 0, 1000, 1), gives(1, 0, 1000, 2000, 2), gives(2, 0, 2000, 3000, 3)],
      rejected: [
        rejects(1, 0, "too_many_points", 1499),
        rejects(1, 1, "too_many_points", 1600),
        rejects(1, 2, "window_closed", -1),
        rejects(4, 3, "too_many_points", 2800),
      ],
    },
  ),
  goldenCase("too-many-late-points", "A late point is late also where there is no room.", {
    definitions: [definition({ max_held_points: 1 })],
    log: (log) => log.points([5000, 1]),
    results: [],
    rejected: [rejects(0, 1, "window_closed", 1)],
  }),
  goldenCase(
    "invalid-points",
    "A point has as many finite numbers as the stream says; others count in the seq and change nothing else.",
    {
      definitions: [definition({ point_dimension: 2 })],
      log: (log) =>
        log
          .points([
            [0, 1, 2],
            [1, 1],
            [9999, 1, 2, 3],
            [9999, 1, Number.POSITIVE_INFINITY],
            [3, 4, 6],
          ])
          .flush(5),
      results: [
        gives(0, 0, 0, 1000, 2, {
          threshold: 5,
          diagrams: [{ dimension: 0, pairs: [0, 5, 0, Number.POSITIVE_INFINITY] }],
        }),
      ],
      rejected: [
        rejects(0, 1, "invalid_point", 1),
        rejects(0, 2, "invalid_point", 9999),
        rejects(0, 3, "invalid_point", 9999, { v: [1, Number.POSITIVE_INFINITY] }),
      ],
    },
  ),
  goldenCase("keys-apart", "One key's times are nothing to another.", {
    log: (log) =>
      log
        .points([90_000], { key: "fast" })
        .points([100], { key: "slow" })
        .points([100], { key: "" })
        .points([1100], { key: "slow" })
        .points([91_000], { key: "fast" }),
    results: [gives(0, 0, 90_000, 91_000, 1, { key: "fast" }), gives(0, 0, 0, 1000, 1, { key: "slow" })],
  }),
];
