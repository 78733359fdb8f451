import { EngineError } from "../errors.ts";
import type { Budget } from "./budget.ts";
import type { FilteredGraph } from "./filtered-graph.ts";

/** Receives one cofacet; returning false ends the enumeration. */
export type CofacetVisitor = (index: number, value: number, isNegative: boolean) => boolean;

/**
 * The flag complex of a filtered graph. A simplex of vertices v_0 < … < v_d is the number sum C(v_i, i+1) (its colex
 * index within its dimension); its value is its longest edge. Points without an edge are left out.
 */
export class CliqueComplex {
  /** The edges of the graph, in its order, as simplex indices. */
  readonly edgeIndices: Float64Array;
  readonly #vertexCount: number;
  /** Neighbours of each vertex in increasing order, with the edge's length. */
  readonly #offsets: Uint32Array;
  readonly #neighbours: Uint32Array;
  readonly #lengths: Float64Array;
  /** C(v, k) at [k * (vertexCount + 1) + v]. */
  readonly #binomials: Float64Array;
  readonly #vertices: Uint32Array;
  readonly #cursors: Uint32Array;

  constructor(graph: FilteredGraph, maxDimension: number, budget: Budget) {
    const { larger, smaller, lengths } = graph;
    const compact = new Map<number, number>();
    for (const point of Uint32Array.from(new Set([...larger, ...smaller])).sort()) compact.set(point, compact.size);
    this.#vertexCount = compact.size;
    budget.charge(lengths.length * 32 + compact.size * (60 + 8 * (maxDimension + 3)), 1);

    const degrees = new Uint32Array(this.#vertexCount + 1);
    const a = Uint32Array.from(larger, (point) => compact.get(point) as number);
    const b = Uint32Array.from(smaller, (point) => compact.get(point) as number);
    for (const ends of [a, b]) for (const v of ends) degrees[v + 1] = (degrees[v + 1] as number) + 1;
    this.#offsets = degrees;
    for (let v = 0; v < this.#vertexCount; ++v) degrees[v + 1] = (degrees[v + 1] as number) + (degrees[v] as number);
    this.#neighbours = new Uint32Array(2 * lengths.length);
    this.#lengths = new Float64Array(2 * lengths.length);
    this.#fillNeighbours(a, b, lengths);

    this.#binomials = binomialTable(this.#vertexCount, maxDimension + 2);
    this.edgeIndices = Float64Array.from(a, (v, edge) => this.#binomial(v, 2) + (b[edge] as number));
    this.#vertices = new Uint32Array(maxDimension + 2);
    this.#cursors = new Uint32Array(maxDimension + 2);
  }

  /** @throws EngineError `index_overflow` where simplices of this dimension have no exact number. */
  requireIndexable(dimension: number): void {
    if (this.#binomial(this.#vertexCount, dimension + 1) > Number.MAX_SAFE_INTEGER) {
      throw new EngineError(
        "index_overflow",
        `${this.#vertexCount} points have too many simplices of dimension ${dimension} for the TypeScript engine.`,
        { dimension },
      );
    }
  }

  /**
   * Cofacets of a simplex, the added vertex decreasing and so the index too. `isNegative` is the sign of the simplex in
   * the boundary of the cofacet. With `aboveOnly` only those whose added vertex is the largest.
   * Cost: the sum of the neighbours of its vertices.
   */
  visitCofacets(index: number, value: number, dimension: number, aboveOnly: boolean, visit: CofacetVisitor): void {
    const size = dimension + 1;
    const vertices = this.#vertices;
    const cursors = this.#cursors;
    this.#decode(index, dimension);
    for (let i = 0; i < size; ++i) cursors[i] = this.#offsets[(vertices[i] as number) + 1] as number;
    const last = vertices[size - 1] as number;
    const lastStart = this.#offsets[last] as number;

    let below = index;
    let above = 0;
    let position = size;
    for (let cursor = (cursors[size - 1] as number) - 1; cursor >= lastStart; --cursor) {
      const added = this.#neighbours[cursor] as number;
      while (position > 0 && (vertices[position - 1] as number) > added) {
        if (aboveOnly) return;
        const vertex = vertices[--position] as number;
        below -= this.#binomial(vertex, position + 1);
        above += this.#binomial(vertex, position + 2);
      }
      const cofacetValue = this.#valueWith(added, size - 1, Math.max(value, this.#lengths[cursor] as number));
      if (Number.isNaN(cofacetValue)) continue;
      if (!visit(below + this.#binomial(added, position + 1) + above, cofacetValue, position % 2 === 1)) return;
    }
  }

  /** The largest of `value` and the edges from `added` to the first `count` vertices; NaN where one is missing. */
  #valueWith(added: number, count: number, value: number): number {
    let largest = value;
    for (let i = 0; i < count; ++i) {
      const start = this.#offsets[this.#vertices[i] as number] as number;
      let cursor = this.#cursors[i] as number;
      while (cursor > start && (this.#neighbours[cursor - 1] as number) > added) --cursor;
      this.#cursors[i] = cursor;
      if (cursor === start || this.#neighbours[cursor - 1] !== added) return Number.NaN;
      const length = this.#lengths[cursor - 1] as number;
      if (length > largest) largest = length;
    }
    return largest;
  }

  /** Writes the vertices of a simplex to `#vertices`, increasing. */
  #decode(index: number, dimension: number): void {
    let rest = index;
    let high = this.#vertexCount;
    for (let k = dimension + 1; k >= 1; --k) {
      let low = k - 1;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (this.#binomial(middle, k) <= rest) low = middle;
        else high = middle;
      }
      this.#vertices[k - 1] = low;
      rest -= this.#binomial(low, k);
      high = low;
    }
  }

  #binomial(v: number, k: number): number {
    return this.#binomials[k * (this.#vertexCount + 1) + v] as number;
  }

  #fillNeighbours(a: Uint32Array, b: Uint32Array, lengths: Float64Array): void {
    const byEndpoints = Uint32Array.from(lengths, (_, edge) => edge).sort(
      (x, y) => (a[x] as number) - (a[y] as number) || (b[x] as number) - (b[y] as number),
    );
    // Edges by larger, then smaller end: each vertex meets its smaller neighbours in order when it is the larger end,
    // and afterwards its larger neighbours in order.
    const next = this.#offsets.slice();
    const append = (vertex: number, neighbour: number, length: number): void => {
      const slot = next[vertex] as number;
      next[vertex] = slot + 1;
      this.#neighbours[slot] = neighbour;
      this.#lengths[slot] = length;
    };
    for (const edge of byEndpoints) {
      append(a[edge] as number, b[edge] as number, lengths[edge] as number);
      append(b[edge] as number, a[edge] as number, lengths[edge] as number);
    }
  }
}

function binomialTable(vertexCount: number, maxSize: number): Float64Array {
  const width = vertexCount + 1;
  const table = new Float64Array((maxSize + 1) * width).fill(1, 0, width);
  for (let k = 1; k <= maxSize; ++k) {
    for (let v = 1; v <= vertexCount; ++v) {
      table[k * width + v] = (table[k * width + v - 1] as number) + (table[(k - 1) * width + v - 1] as number);
    }
  }
  return table;
}
