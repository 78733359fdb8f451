import { counting, session } from "../log-builder.ts";
import { gives, goldenCase, rejects, retracts } from "./golden-case.ts";

export const SESSION_CASES = [
  goldenCase("session-gap", "Times closer than the gap join, equal to it separate.", {
    definitions: [session(100)],
    log: (log) => log.points([0, 99, 199]).flush(null),
    results: [gives(0, 0, 0, 199, 2), gives(1, 0, 199, 299, 1)],
  }),
  goldenCase(
    "session-merge",
    "A point between two sessions makes one of them: the lower seq stays, the other one's result is retracted before the new one.",
    {
      definitions: [session(100, { allowed_lateness_ms: 1000, max_revisions: 3 })],
      log: (log) => log.points([0, 150, 300]).points([75]).points([225]).points([600]).flush(null),
      results: [
        gives(0, 0, 0, 100, 1),
        gives(1, 0, 150, 250, 1),
        retracts(1, 1, 150, 250, 0),
        gives(0, 1, 0, 250, 3),
        // The session from 300 had not fired: nothing to retract. The whole ends at 400, and fires when the watermark is there.
        gives(0, 2, 0, 400, 5),
        gives(3, 0, 600, 700, 1),
      ],
    },
  ),
  goldenCase(
    "session-merge-of-three",
    "A seq that has been absorbed is not used again, and a retraction counts on from the last revision.",
    {
      definitions: [session(100, { allowed_lateness_ms: 1000, max_revisions: 3, out_of_orderness_ms: 0 })],
      // 0; 150, revised by 160; 300. Then 80 joins 0 and 150: the session of seq 1 has revisions 0 and 1.
      log: (log) => log.points([0, 150, 300, 160, 80]).flush(null),
      results: [
        gives(0, 0, 0, 100, 1),
        gives(1, 0, 150, 250, 1),
        gives(1, 1, 150, 260, 2),
        retracts(1, 2, 150, 260, 0),
        gives(0, 1, 0, 260, 4),
        gives(2, 0, 300, 400, 1),
      ],
    },
  ),
  goldenCase(
    "session-lowest-seq-later-in-time",
    "The lowest seq stays where it is the later session, too; of what has not fired nothing is retracted.",
    {
      definitions: [session(150, { out_of_orderness_ms: 1000 })],
      log: (log) => log.points([200, 0, 100]).flush(null),
      results: [gives(0, 0, 0, 350, 3)],
    },
  ),
  goldenCase(
    "session-retraction-of-earlier-in-time",
    "The session that goes is the earlier one in time, if its seq is higher.",
    {
      definitions: [session(100, { allowed_lateness_ms: 5000, max_revisions: 3 })],
      // 500 is seq 0; 400, equal to the gap, is seq 1, and fires at once; 450 joins both.
      log: (log) => log.points([500, 400, 450]).flush(null),
      results: [gives(1, 0, 400, 500, 1), retracts(1, 1, 400, 500, 0), gives(0, 0, 400, 600, 3)],
    },
  ),
  goldenCase(
    "session-revisions-exhausted",
    "Where the lowest seq has had its last revision, there is no merge, and the point is rejected.",
    {
      definitions: [session(100, { allowed_lateness_ms: 1000 })],
      log: (log) => log.points([0, 150, 50, 120, 99]).flush(null),
      results: [gives(0, 0, 0, 100, 1), gives(1, 0, 120, 250, 2)],
      rejected: [rejects(0, 2, "revisions_exhausted", 50), rejects(0, 4, "revisions_exhausted", 99)],
    },
  ),
  goldenCase(
    "session-late",
    "A point that joins none is late when its own session would be over: t + gap + lateness ≤ watermark. One that joins is not.",
    {
      definitions: [session(100)],
      log: (log) => log.points([0, 500, 350, 400, 401]).flush(null),
      results: [gives(0, 0, 0, 100, 1), gives(1, 0, 401, 600, 2)],
      rejected: [rejects(0, 2, "window_closed", 350), rejects(0, 3, "window_closed", 400)],
    },
  ),
  goldenCase("session-late-opened", "A point by itself that is in time opens a session that fires at once.", {
    definitions: [session(100, { allowed_lateness_ms: 300, max_revisions: 1 })],
    log: (log) => log.points([500, 150, 101, 100]).flush(null),
    // 101 joins 150: revision 1. 100 joins them too, but there is no revision 2.
    results: [gives(1, 0, 150, 250, 1), gives(1, 1, 101, 250, 2), gives(0, 0, 500, 600, 1)],
    rejected: [rejects(0, 3, "revisions_exhausted", 100)],
  }),
  goldenCase("session-goes-on-after-a-flush", "A session that was flushed goes on when a point joins it in time.", {
    definitions: [session(100, { allowed_lateness_ms: 100, max_revisions: 2 })],
    log: (log) => log.points([0]).flush(1).points([60]).flush(2).points([260, 261]),
    results: [gives(0, 0, 0, 100, 1), gives(0, 1, 0, 160, 2)],
    // 160 + 100 ≤ 260: the session is gone by then, and 260 opens another.
  }),
  goldenCase(
    "count-in-log-order",
    "Every three points in the order of the log, whatever their times; start and end are the least and the greatest.",
    {
      definitions: [counting(3, { max_points_per_window: 1 })],
      // By time the rows of the first are 3, 5, 9: the first one is the sample, and the farthest of the others is 6 away.
      log: (log) =>
        log
          .points([
            [5, 5],
            [3, 3],
            [9, 9],
            [-7, 1],
          ])
          .points([
            [2, 2],
            [2, 8],
          ]),
      results: [
        gives(0, 0, 3, 9, 3, { points_used: 1, cover_radius: 6, threshold: 0 }),
        gives(1, 0, -7, 2, 3, { points_used: 1, cover_radius: 7 }),
      ],
    },
  ),
  goldenCase("count-flushed", "A flush fires a count window with what it has; the next point opens the next.", {
    definitions: [counting(3)],
    log: (log) => log.points([10, 20]).flush(2).points([5, 6, 7]).flush(null),
    results: [gives(0, 0, 10, 20, 2), gives(1, 0, 5, 7, 3)],
  }),
  goldenCase("count-of-one", "Windows of a point each.", {
    definitions: [counting(1)],
    log: (log) => log.points([3, 1, 3]),
    results: [gives(0, 0, 3, 3, 1), gives(1, 0, 1, 1, 1), gives(2, 0, 3, 3, 1)],
  }),
];
