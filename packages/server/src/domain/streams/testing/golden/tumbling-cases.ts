import { definition, sliding } from "../log-builder.ts";
import { gives, goldenCase, rejects } from "./golden-case.ts";

const patient = { allowed_lateness_ms: 10_000, max_revisions: 1 };

export const TUMBLING_CASES = [
  goldenCase("tumbling-negative-times", "Starts are floor divisions: -1 is in [-1000, 0), -1000 too, -1001 is not.", {
    log: (log) => log.points([-1001, -1000, -1, 0, 999, 1000]),
    results: [gives(0, 0, -2000, -1000, 1), gives(1, 0, -1000, 0, 2), gives(2, 0, 0, 1000, 2)],
  }),
  goldenCase(
    "tumbling-late-at-the-bound",
    "A window takes points until end + lateness ≤ watermark: at 1199 it does, at 1200 not.",
    {
      definitions: [definition({ out_of_orderness_ms: 100, allowed_lateness_ms: 200, max_revisions: 5 })],
      log: (log) => log.points([500, 1100, 999, 1299, 998, 1300, 997]),
      results: [gives(0, 0, 0, 1000, 1), gives(0, 1, 0, 1000, 2), gives(0, 2, 0, 1000, 3)],
      rejected: [rejects(0, 6, "window_closed", 997)],
    },
  ),
  goldenCase(
    "tumbling-fires-at-its-end",
    "A window fires when the watermark reaches its end, not before: 999 + 100 leaves it open, 1000 + 100 does not.",
    {
      definitions: [definition({ out_of_orderness_ms: 100 })],
      log: (log) => log.points([0, 1099, 3, 1100, 4]),
      results: [gives(0, 0, 0, 1000, 2)],
      rejected: [rejects(0, 4, "window_closed", 4)],
    },
  ),
  goldenCase(
    "tumbling-revisions-exhausted",
    "After max_revisions + 1 firings a window takes no more, however patient it is.",
    {
      definitions: [definition(patient)],
      log: (log) => log.points([500, 1000]).points([1]).points([2]).flush(null),
      results: [gives(0, 0, 0, 1000, 1), gives(0, 1, 0, 1000, 2), gives(1, 0, 1000, 2000, 1)],
      rejected: [rejects(2, 0, "revisions_exhausted", 2)],
    },
  ),
  goldenCase(
    "tumbling-no-revisions",
    "With max_revisions 0 a point that is late but in time comes too late for the one firing.",
    {
      definitions: [definition({ ...patient, max_revisions: 0 })],
      log: (log) => log.points([500, 1000, 501]),
      results: [gives(0, 0, 0, 1000, 1)],
      rejected: [rejects(0, 2, "revisions_exhausted", 501)],
    },
  ),
  goldenCase(
    "tumbling-opened-late",
    "A point in time for a window that nothing has opened yet opens it, and fires it at once; the next one revises it.",
    {
      definitions: [definition({ allowed_lateness_ms: 1000, max_revisions: 5 })],
      log: (log) => log.points([2500, 1500, 1400, 999]),
      results: [gives(1, 0, 1000, 2000, 1), gives(1, 1, 1000, 2000, 2)],
      rejected: [rejects(0, 3, "window_closed", 999)],
    },
  ),
  goldenCase(
    "tumbling-several-at-once",
    "Windows that one point ends fire by their ends, whatever the order in which they were opened.",
    {
      definitions: [definition({ out_of_orderness_ms: 5000 })],
      log: (log) => log.points([2100, 100, 1100, 9000]),
      results: [gives(1, 0, 0, 1000, 1), gives(2, 0, 1000, 2000, 1), gives(0, 0, 2000, 3000, 1)],
    },
  ),
  goldenCase(
    "tumbling-ties",
    "Points of one time are in the order of their arrival, and behind earlier ones that came later: the sample starts at 2, then takes 10.",
    {
      definitions: [definition({ max_points_per_window: 2, out_of_orderness_ms: 100 })],
      log: (log) =>
        log
          .points([
            [5, 7],
            [5, 10],
            [4, 2],
            [5, 4],
          ])
          .flush(null),
      // Rows 2, 7, 10, 4: of these 2 and 10 are the sample, and 7 is 3 from it.
      results: [
        gives(0, 0, 0, 1000, 4, {
          points_used: 2,
          cover_radius: 3,
          threshold: 8,
          diagrams: [{ dimension: 0, pairs: [0, 8, 0, Number.POSITIVE_INFINITY] }],
        }),
      ],
    },
  ),
  goldenCase("tumbling-arrival-order", "Of three points at one time the first that arrived is the first row.", {
    definitions: [definition({ max_points_per_window: 2 })],
    log: (log) =>
      log
        .points([
          [5, 4],
          [5, 10],
        ])
        .points([[5, 0]])
        .flush(null),
    // Rows 4, 10, 0: the sample is 4 and 10.
    results: [gives(0, 0, 0, 1000, 3, { points_used: 2, cover_radius: 4, threshold: 6 })],
  }),
  goldenCase(
    "sliding-lower-end-first",
    "Of the windows that a point opens the one with the lower end has the lower seq.",
    {
      definitions: [sliding(1000, 500)],
      log: (log) => log.points([0, 700]).flush(null),
      results: [gives(0, 0, -500, 500, 1), gives(1, 0, 0, 1000, 2), gives(2, 0, 500, 1500, 1)],
    },
  ),
  goldenCase(
    "sliding-uneven",
    "The size need not be a multiple of the slide: 900 is in the windows from 0, 400 and 800.",
    {
      definitions: [sliding(1000, 400)],
      log: (log) => log.points([900, 1399]).flush(null),
      // 1399 is in those from 400, 800 and 1200; it ends the one from 0.
      results: [
        gives(0, 0, 0, 1000, 1),
        gives(1, 0, 400, 1400, 2),
        gives(2, 0, 800, 1800, 2),
        gives(3, 0, 1200, 2200, 1),
      ],
    },
  ),
  goldenCase(
    "sliding-partly-closed",
    "A point counts for those of its windows that are still open; without one it is late.",
    {
      definitions: [sliding(1000, 500)],
      log: (log) => log.points([1000, 600, 400, 499]).flush(null),
      results: [gives(0, 0, 500, 1500, 2), gives(1, 0, 1000, 2000, 1)],
      rejected: [rejects(0, 2, "window_closed", 400), rejects(0, 3, "window_closed", 499)],
    },
  ),
  goldenCase(
    "sliding-partly-final",
    "A window that has had its last revision takes no point; the others of the point do, and the point is in their content.",
    {
      definitions: [sliding(1000, 500, { allowed_lateness_ms: 5000 })],
      log: (log) => log.points([0, 500, 100]).flush(null).points([200]),
      results: [gives(0, 0, -500, 500, 1), gives(1, 0, 0, 1000, 3), gives(2, 0, 500, 1500, 1)],
      rejected: [rejects(2, 0, "revisions_exhausted", 200)],
    },
  ),
  goldenCase(
    "sliding-closed-and-final",
    "Where one window of a point is closed and the other final, its revisions are what is told.",
    {
      definitions: [sliding(1000, 500, { allowed_lateness_ms: 500 })],
      log: (log) => log.points([0, 1000, 10]).flush(null),
      results: [
        gives(0, 0, -500, 500, 1),
        gives(1, 0, 0, 1000, 1),
        gives(2, 0, 500, 1500, 1),
        gives(3, 0, 1000, 2000, 1),
      ],
      rejected: [rejects(0, 2, "revisions_exhausted", 10)],
    },
  ),
  goldenCase("sliding-late-revisions", "A late point revises each window that still takes it, by their ends.", {
    definitions: [sliding(1000, 500, { allowed_lateness_ms: 5000, max_revisions: 1 })],
    log: (log) => log.points([0, 600, 2000]).points([100]),
    results: [
      ...[gives(0, 0, -500, 500, 1), gives(1, 0, 0, 1000, 2), gives(2, 0, 500, 1500, 1)],
      ...[gives(0, 1, -500, 500, 2), gives(1, 1, 0, 1000, 3)],
    ],
  }),
];
