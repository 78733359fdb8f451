// Points of benchmarks: noisy circles, as a sensor that turns gives them, 50 points of a key one after the other.
export interface Point {
  readonly t: number;
  readonly v: readonly [number, number];
  readonly key: string;
}

const WINDOW_POINTS = 50;

/** A point of a noisy circle: x and y with four digits, as measurements have. */
export function pointAt(step: number): readonly [number, number] {
  const angle = step * 0.21;
  const noise = ((step * 7919) % 1000) / 10_000;
  return [round((1 + noise) * Math.cos(angle)), round((1 + noise) * Math.sin(angle))];
}

/** `size` points, `ofKey` of a key one after the other; each call gives others. */
export function batchOf(number: number, size: number, keys: number, ofKey = WINDOW_POINTS): Point[] {
  const first = Math.floor((number * size) / ofKey);
  return Array.from({ length: size }, (_, i) => ({
    t: 1_700_000_000_000 + number * size + i,
    v: pointAt(number * size + i),
    key: `sensor-${(first + Math.floor(i / ofKey)) % keys}`,
  }));
}

export function bodyOf(points: readonly Point[], isNdjson: boolean): Buffer {
  const lines = points.map((point) => JSON.stringify(point));
  return Buffer.from(isNdjson ? `${lines.join("\n")}\n` : `{"points":[${lines.join(",")}]}`);
}

const round = (x: number): number => Math.round(x * 10_000) / 10_000;
