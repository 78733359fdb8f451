import type { Feature } from "../../src/types.ts";
import { randomNumbers } from "./inputs.ts";

function randomDiagram(bars: number, seed: number): Float64Array {
  const numbers = randomNumbers(2 * bars, seed);
  for (let i = 0; i < bars; i++) numbers[2 * i + 1]! += numbers[2 * i]!;
  return numbers;
}

/** A feature of each kind, of diagrams with `size` bars and series and clouds of that many points. */
export function oneOfEachFeature(size: number, seed: number): Feature[] {
  const first = randomDiagram(size, seed);
  const second = randomDiagram(size, seed + 1000);
  const points = randomNumbers(3 * size, seed + 2000);
  const grid = { start: 0, end: 2, points: 40 };
  const euclidean = { metric: "euclidean", minkowskiP: null } as const;
  return [
    { kind: "bottleneck-distance", first, second },
    { kind: "wasserstein-distance", first, second, order: 1, norm: "infinity" },
    { kind: "wasserstein-distance", first, second, order: 2, norm: "2" },
    { kind: "wasserstein-distance", first, second, order: 2.75, norm: "1" },
    { kind: "total-persistence", first, order: 1.5 },
    { kind: "persistence-entropy", first },
    { kind: "betti-curve", first, grid },
    { kind: "persistence-landscape", first, grid, levels: 4 },
    { kind: "persistence-image", first, births: grid, persistences: grid, order: 1.25, bandwidth: 0.1 },
    { kind: "takens-embedding", first: points, columns: 3, dimension: 3, delay: 2, skip: 1 },
    { kind: "farthest-points", first: points, columns: 3, points: Math.ceil(size / 3), ...euclidean },
    { kind: "robust-z-score", first: points, second: Float64Array.of(0.5, 3) },
  ];
}
