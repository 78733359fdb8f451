import type { FilteredGraph } from "./filtered-graph.ts";

export interface Components {
  /** Bars of dimension 0 as birth, death, …, unsorted, zero-length bars left out. */
  readonly bars: number[];
  /** By edge, in the graph's order: 1 where the edge joins two components, 0 where it closes a cycle. */
  readonly joins: Uint8Array;
}

/** Persistent homology in dimension 0 by union-find over the sorted edges; the later birth dies (elder rule). */
export function connectedComponents(graph: FilteredGraph): Components {
  const { births, larger, smaller, lengths } = graph;
  const parents = Uint32Array.from(births, (_, point) => point);
  const find = (point: number): number => {
    let root = point;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root] as number] as number;
      root = parents[root] as number;
    }
    return root;
  };

  const bars: number[] = [];
  const joins = new Uint8Array(lengths.length);
  for (let edge = 0; edge < lengths.length; ++edge) {
    const a = find(larger[edge] as number);
    const b = find(smaller[edge] as number);
    if (a === b) continue;
    joins[edge] = 1;
    const [elder, younger] = (births[a] as number) <= (births[b] as number) ? [a, b] : [b, a];
    parents[younger] = elder;
    const birth = births[younger] as number;
    const death = lengths[edge] as number;
    if (birth < death) bars.push(birth, death);
  }
  for (let point = 0; point < births.length; ++point) {
    if (parents[point] === point && graph.isPresent(point)) {
      bars.push(births[point] as number, Number.POSITIVE_INFINITY);
    }
  }
  return { bars, joins };
}
