import type { Bar } from "./shapes.ts";

/**
 * Vietoris–Rips persistence by the definition and nothing else: list every simplex, order them, reduce the boundary
 * matrix column by column over Z/p. Cubic in the number of simplices: for a dozen points.
 */
export interface OracleInput {
  /** n × n; Infinity is no edge; the diagonal holds the points' births. */
  readonly distances: readonly (readonly number[])[];
  readonly maxDimension: number;
  readonly threshold?: number;
  readonly coefficientField?: number;
}

interface Simplex {
  readonly vertices: readonly number[];
  readonly value: number;
}

export function persistence(input: OracleInput): Bar[][] {
  const { maxDimension, coefficientField: p = 2 } = input;
  const simplices = allSimplices(input);
  const positions = new Map(simplices.map((simplex, index) => [simplex.vertices.join(), index]));
  const lowestRowOwner = new Map<number, Map<number, number>>();
  const diagrams: Bar[][] = Array.from({ length: maxDimension + 1 }, () => []);
  const isPaired = new Set<number>();
  const essential: number[] = [];
  simplices.forEach((simplex, index) => {
    const column = boundary(simplex, positions, p);
    let low = lowest(column);
    for (let other = lowestRowOwner.get(low); low >= 0 && other; other = lowestRowOwner.get(low)) {
      addMultiple(column, other, low, p);
      low = lowest(column);
    }
    if (low < 0) {
      essential.push(index);
      return;
    }
    lowestRowOwner.set(low, column);
    isPaired.add(low);
    const born = simplices[low]!;
    if (born.value < simplex.value) diagrams[born.vertices.length - 1]?.push([born.value, simplex.value]);
  });
  for (const index of essential) {
    const { vertices, value } = simplices[index]!;
    if (!isPaired.has(index)) diagrams[vertices.length - 1]?.push([value, null]);
  }
  return diagrams.map((diagram) => diagram.sort(inOrder));
}

function inOrder(a: Bar, b: Bar): number {
  return a[0] - b[0] || (a[1] === b[1] ? 0 : (a[1] ?? Number.POSITIVE_INFINITY) - (b[1] ?? Number.POSITIVE_INFINITY));
}

function allSimplices({ distances, maxDimension, threshold = Number.POSITIVE_INFINITY }: OracleInput): Simplex[] {
  const isIn = (value: number) => value <= threshold && value < Number.POSITIVE_INFINITY;
  let layer: Simplex[] = distances.map((row, vertex) => ({ vertices: [vertex], value: row[vertex]! }));
  layer = layer.filter((simplex) => isIn(simplex.value));
  const births = layer;
  const all = [...layer];
  for (let dimension = 1; dimension <= maxDimension + 1; dimension++) {
    layer = layer.flatMap(({ vertices, value }) =>
      births
        .filter((added) => added.vertices[0]! > vertices[vertices.length - 1]!)
        .map((added) => ({
          vertices: [...vertices, added.vertices[0]!],
          value: vertices.reduce((top, vertex) => Math.max(top, distances[vertex]![added.vertices[0]!]!), value),
        }))
        .filter((simplex) => isIn(simplex.value)),
    );
    all.push(...layer);
  }
  return all.sort((a, b) => a.value - b.value || a.vertices.length - b.vertices.length);
}

function boundary({ vertices }: Simplex, positions: ReadonlyMap<string, number>, p: number): Map<number, number> {
  const column = new Map<number, number>();
  if (vertices.length === 1) return column;
  vertices.forEach((_, left) => {
    const face = positions.get(vertices.filter((_, index) => index !== left).join());
    if (face === undefined) throw new Error("a face is missing: the input is no filtration");
    column.set(face, left % 2 === 0 ? 1 : p - 1);
  });
  return column;
}

function lowest(column: ReadonlyMap<number, number>): number {
  let low = -1;
  for (const row of column.keys()) low = Math.max(low, row);
  return low;
}

/** Adds the multiple of `other` that clears row `low`. */
function addMultiple(column: Map<number, number>, other: ReadonlyMap<number, number>, low: number, p: number): void {
  const factor = (p - ((column.get(low)! * inverse(other.get(low)!, p)) % p)) % p;
  for (const [row, value] of other) {
    const sum = ((column.get(row) ?? 0) + factor * value) % p;
    if (sum === 0) column.delete(row);
    else column.set(row, sum);
  }
}

/** By Fermat: value^(p-2), p small. */
function inverse(value: number, p: number): number {
  let result = 1;
  for (let step = 0; step < p - 2; step++) result = (result * value) % p;
  return result;
}
