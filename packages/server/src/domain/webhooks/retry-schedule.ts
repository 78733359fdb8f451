const FIRST_WAIT_MS = 5_000;
const FACTOR = 4;
const LONGEST_WAIT_MS = 8 * 3_600_000;
/** A host that says when to come again is heeded, up to a day. */
const LONGEST_ASKED_MS = 24 * 3_600_000;
const SPREAD = 0.1;

/**
 * How long to wait after so many failures (at least one): 5 s, 20 s, 80 s, 5 min, 21 min, 1.4 h, 5.7 h, then 8 h, each up to a tenth
 * more or less, so that what failed together does not come back together. Ten attempts take about a day.
 */
export function retryWaitMs(
  failures: number,
  askedMs: number | null = null,
  random: () => number = Math.random,
): number {
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * FACTOR ** (failures - 1));
  const spreadMs = waitMs * (1 + SPREAD * (2 * random() - 1));
  return Math.round(Math.max(spreadMs, Math.min(askedMs ?? 0, LONGEST_ASKED_MS)));
}
