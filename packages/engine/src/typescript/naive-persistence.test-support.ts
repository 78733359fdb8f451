/**
 * The oracle of these tests: persistent homology by reduction of the whole boundary matrix over Z/p, straight from the
 * definition. Shares no code with the engine.
 */

interface Cell {
  readonly vertices: readonly number[];
  readonly value: number;
}

/** A complete filtration by vertex births and edge lengths (Infinity = no edge) up to cliques of maxDimension + 2 points. */
export function flagFiltration(
  births: readonly number[],
  edge: (i: number, j: number) => number,
  maxDimension: number,
  threshold: number,
): Cell[] {
  const cells: Cell[] = [];
  const extend = (vertices: readonly number[], value: number): void => {
    if (vertices.length > 0) cells.push({ vertices, value });
    if (vertices.length === maxDimension + 2) return;
    for (let v = (vertices.at(-1) ?? -1) + 1; v < births.length; ++v) {
      const grown = Math.max(value, births[v] as number, ...vertices.map((u) => edge(u, v)));
      if (grown <= threshold && grown < Number.POSITIVE_INFINITY) extend([...vertices, v], grown);
    }
  };
  extend([], Number.NEGATIVE_INFINITY);
  return cells;
}

/** Bars of dimension 0 … maxDimension as [birth, death], sorted, zero-length ones left out. Cells in any order. */
export function naivePersistence(cells: readonly Cell[], maxDimension: number, p: number): number[][][] {
  const order = [...cells].sort((a, b) => a.value - b.value || a.vertices.length - b.vertices.length);
  const positions = new Map(order.map((cell, position) => [cell.vertices.join(), position]));
  const reduced = new Map<number, Map<number, number>>();
  const paired = new Set<number>();
  const diagrams: number[][][] = Array.from({ length: maxDimension + 1 }, () => []);

  for (const [position, cell] of order.entries()) {
    let column = boundary(cell.vertices, positions, p);
    let low = lowest(column);
    while (low !== undefined && reduced.has(low)) {
      const other = reduced.get(low) as Map<number, number>;
      const factor = (column.get(low) as number) * inverse(other.get(low) as number, p);
      column = subtract(column, other, factor, p);
      low = lowest(column);
    }
    if (low === undefined) continue;
    reduced.set(low, column);
    paired.add(low).add(position);
    const born = order[low] as Cell;
    if (born.value < cell.value) diagrams[born.vertices.length - 1]?.push([born.value, cell.value]);
  }
  for (const [position, cell] of order.entries()) {
    if (!paired.has(position)) diagrams[cell.vertices.length - 1]?.push([cell.value, Number.POSITIVE_INFINITY]);
  }
  for (const bars of diagrams) bars.sort(([b, d], [birth, death]) => b! - birth! || (d === death ? 0 : d! - death!));
  return diagrams;
}

function boundary(vertices: readonly number[], positions: ReadonlyMap<string, number>, p: number): Map<number, number> {
  if (vertices.length === 1) return new Map();
  return new Map(
    vertices.map((_, i) => [positions.get(vertices.toSpliced(i, 1).join()) as number, i % 2 === 0 ? 1 : p - 1]),
  );
}

function lowest(column: ReadonlyMap<number, number>): number | undefined {
  return column.size === 0 ? undefined : Math.max(...column.keys());
}

function inverse(a: number, p: number): number {
  for (let b = 1; b < p; ++b) if ((a * b) % p === 1) return b;
  throw new Error(`${a} has no inverse modulo ${p}`);
}

function subtract(
  column: ReadonlyMap<number, number>,
  other: ReadonlyMap<number, number>,
  factor: number,
  p: number,
): Map<number, number> {
  const difference = new Map(column);
  for (const [position, coefficient] of other) {
    const value = (((difference.get(position) ?? 0) - factor * coefficient) % p) + p;
    if (value % p === 0) difference.delete(position);
    else difference.set(position, value % p);
  }
  return difference;
}
