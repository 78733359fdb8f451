// Draws a signal, the total persistence of its loops, and its change score with the alerts, one above the other, as SVG.
// Usage: tda streams results STREAM --limit 200 --json | node examples/plot-change-score.mjs bearing.csv [LEVEL] > plot.svg
import { readFileSync } from "node:fs";

const [file, levelText = "8"] = process.argv.slice(2);
const level = Number(levelText);
const windows = JSON.parse(readFileSync(0, "utf8")).items.reverse();
const samples = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(",").map(Number));

const width = 760;
const left = 70;
const right = 20;
const panel = { height: 130, gap: 42, top: 34 };
const startMs = samples[0][0];
const endMs = samples.at(-1)[0] + 1;
const x = (ms) => left + ((ms - startMs) / (endMs - startMs)) * (width - left - right);
const number = (value) => value.toFixed(1);
const text = (at, down, content, more = "") => `<text x="${number(at)}" y="${number(down)}"${more}>${content}</text>`;

/** Heights of a panel for values from least to greatest, with its frame, title and scale. */
function frame(index, title, least, greatest, ticks) {
  const top = panel.top + index * (panel.height + panel.gap);
  const y = (value) => top + panel.height * (1 - (value - least) / (greatest - least));
  const lines = [
    `<rect x="${left}" y="${top}" width="${width - left - right}" height="${panel.height}" fill="none" stroke="#bbb"/>`,
    text(left, top - 8, title, ' font-weight="bold"'),
    ...ticks.map((tick) => text(left - 8, y(tick) + 4, tick, ' text-anchor="end"')),
  ];
  return { top, y, lines };
}

/** The least and the greatest sample of each pixel: what an oscilloscope shows. */
function envelope(y) {
  const columns = new Map();
  for (const [ms, value] of samples) {
    const column = Math.floor(x(ms));
    const [low, high] = columns.get(column) ?? [value, value];
    columns.set(column, [Math.min(low, value), Math.max(high, value)]);
  }
  const path = [...columns].map(([column, [low, high]]) => `M${column},${number(y(low))}V${number(y(high))}`).join("");
  return `<path d="${path}" stroke="#456" stroke-width="1"/>`;
}

/** A value of each window, as a level line over the time of the window. */
function steps(y, readingOf, colour) {
  const known = windows.filter((window) => readingOf(window) !== null);
  const path = known
    .map(({ window_start, window_end, ...rest }, i) => {
      const height = number(y(readingOf(rest)));
      return `${i === 0 ? "M" : "L"}${number(x(Date.parse(window_start)))},${height}H${number(x(Date.parse(window_end)))}`;
    })
    .join("");
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

const totalOf = ({ outputs }) => outputs.total_persistence[1];
const scoreOf = ({ outputs }) => outputs.change_score.z_score;
const amplitude = Math.ceil(Math.max(...samples.map(([, value]) => Math.abs(value))));
const greatestTotal = Math.ceil(Math.max(...windows.map(totalOf)) / 5) * 5;
const greatestScore = Math.ceil(Math.max(...windows.map((window) => scoreOf(window) ?? 0)) / 10) * 10;
const leastScore = Math.floor(Math.min(...windows.map((window) => scoreOf(window) ?? 0)));

const signal = frame(0, "Acceleration, m/s²", -amplitude, amplitude, [-amplitude, 0, amplitude]);
const total = frame(1, "Total persistence of the loops (H1), m/s²", 0, greatestTotal, [0, greatestTotal]);
const score = frame(2, "Change score: z of the distance to the window before", leastScore, greatestScore, [
  0,
  level,
  greatestScore,
]);
const bottom = score.top + panel.height;

const alerts = windows
  .filter(({ alerts }) => alerts.length > 0)
  .flatMap(({ window_end, alerts }) => {
    const at = x(Date.parse(window_end));
    return [
      `<path d="M${number(at)},${signal.top}V${bottom}" stroke="#c22" stroke-dasharray="4 3"/>`,
      text(at + 5, score.top + 14, `alert: ${alerts.join(", ")}`, ' fill="#c22"'),
    ];
  });
const seconds = [];
for (let s = 0; s <= (endMs - startMs) / 1000; s += 10) {
  seconds.push(text(x(startMs + 1000 * s), bottom + 18, `${s} s`, ' text-anchor="middle"'));
}

const lines = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 28}" font-family="sans-serif" font-size="12">`,
  '<rect width="100%" height="100%" fill="#fff"/>',
  ...signal.lines,
  envelope(signal.y),
  ...total.lines,
  steps(total.y, totalOf, "#268"),
  ...score.lines,
  `<path d="M${left},${number(score.y(level))}H${width - right}" stroke="#c22" stroke-width="0.7"/>`,
  steps(score.y, scoreOf, "#268"),
  ...alerts,
  ...seconds,
  "</svg>",
];
process.stdout.write(`${lines.join("\n")}\n`);
