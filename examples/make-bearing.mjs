// Makes the vibration of a ball bearing that begins to fail: 60 s of an accelerometer at 1 kHz, as lines t,acceleration.
// Healthy it is the shaft's imbalance and misalignment (one and two times its speed) and broadband noise. From 40 s on a spall grows
// on the outer race: each ball that rolls over it strikes, and each strike makes a mode of the housing ring and decay. This is the model
// of P. D. McFadden and J. D. Smith, "Model for the vibration produced by a single point defect in a rolling element bearing",
// J. Sound Vib. 96 (1984), with the load on the spall constant, as on an outer race that stands still; intervals between strikes vary
// with the balls' slip, as in J. Antoni and R. B. Randall, "A stochastic model for simulation and diagnostics of rolling element bearings
// with localized faults", J. Vib. Acoust. 125 (2003). A spall grows in days, not seconds: only this is speeded up.
// Usage: node examples/make-bearing.mjs [--seed N] [--healthy] [--grow SECONDS] [--live] > bearing.csv
import { parseArgs } from "node:util";

const samplesPerSecond = 1000;
const durationS = 60;
/** 2026-01-01T00:00:00Z. */
const startMs = 1_767_225_600_000;

const shaftHz = 5;
/** A 6205 ball bearing: 9 balls of 7.94 mm on a pitch circle of 39.04 mm, contact angle 0. */
const balls = { count: 9, diameterMm: 7.94, pitchMm: 39.04 };
/** Strikes per second: the ball pass frequency of the outer race, 17.9 Hz. */
const strikesHz = (balls.count / 2) * shaftHz * (1 - balls.diameterMm / balls.pitchMm);
/** Standard deviation of an interval between strikes, in parts of it. */
const slip = 0.01;
const housing = { frequencyHz: 120, dampingRatio: 0.05 };
/** Accelerations in m/s². */
const imbalance = 0.5;
const misalignment = 0.2;
const noise = 0.15;
const strike = 3;
const faultBeginsS = 40;

/** Mulberry32: a small generator with a fixed seed, so that every run gives the same file. */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Samples of the accelerometer in m/s², one each millisecond. Strikes have their full size growS after the fault begins. */
export function* bearing({ seed = 2026, healthy = false, growS = 6 } = {}) {
  const random = makeRandom(seed);
  /** Approximately normal: the sum of twelve uniform numbers has variance 1. */
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random();
    return sum;
  };
  const omega = 2 * Math.PI * housing.frequencyHz;
  const decay = omega * housing.dampingRatio;
  const damped = omega * Math.sqrt(1 - housing.dampingRatio ** 2);
  /** The mode that a strike of size 1 at time 0 makes ring: e^(−decay·s) sin(damped·s). */
  const ring = (s) => Math.exp(-decay * s) * Math.sin(damped * s);
  const strikes = [];
  let nextStrike = healthy ? Number.POSITIVE_INFINITY : faultBeginsS + random() / strikesHz;
  for (let i = 0; i < durationS * samplesPerSecond; i++) {
    const s = i / samplesPerSecond;
    while (nextStrike <= s) {
      strikes.push({ s: nextStrike, size: strike * Math.min(1, (nextStrike - faultBeginsS) / growS) });
      nextStrike += (1 + slip * normal()) / strikesHz;
    }
    // After half a second nothing is left of a strike.
    while (strikes.length > 0 && s - strikes[0].s > 0.5) strikes.shift();
    const turn = 2 * Math.PI * shaftHz * s;
    const shaft = imbalance * Math.sin(turn) + misalignment * Math.sin(2 * turn + 0.7);
    yield shaft + noise * normal() + strikes.reduce((sum, { s: at, size }) => sum + size * ring(s - at), 0);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "2026" },
      healthy: { type: "boolean", default: false },
      grow: { type: "string", default: "6" },
      live: { type: "boolean", default: false },
    },
  });
  const { healthy, live } = values;
  const begunMs = Date.now();
  let i = 0;
  let lines = "t,acceleration\n";
  for (const acceleration of bearing({ seed: Number(values.seed), healthy, growS: Number(values.grow) })) {
    lines += `${startMs + i},${acceleration.toFixed(4)}\n`;
    i++;
    if (i % 100 > 0) continue;
    // Live: no sample before its time, ten times a second.
    if (live) await new Promise((resolve) => setTimeout(resolve, Math.max(0, begunMs + i - Date.now())));
    process.stdout.write(lines);
    lines = "";
  }
}
