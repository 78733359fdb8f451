// Makes two-circles.csv: 120 noisy points on two circles, of radius 1 and 0.5, whose discs do not meet.
// Two circles are two loops, so the diagram of dimension 1 has two long bars among short ones from the noise.
// Usage: node examples/make-two-circles.mjs > examples/two-circles.csv

const noise = 0.04;
const circles = [
  { x: 0, y: 0, radius: 1, points: 80 },
  { x: 2.2, y: 0.6, radius: 0.5, points: 40 },
];

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

const random = makeRandom(2026);
/** Approximately normal: the sum of twelve uniform numbers has variance 1. */
const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);

const lines = ["x,y"];
for (const { x, y, radius, points } of circles) {
  for (let i = 0; i < points; ++i) {
    const angle = (2 * Math.PI * (i + random())) / points;
    const distance = radius + noise * normal();
    lines.push(`${(x + distance * Math.cos(angle)).toFixed(4)},${(y + distance * Math.sin(angle)).toFixed(4)}`);
  }
}
console.log(lines.join("\n"));
