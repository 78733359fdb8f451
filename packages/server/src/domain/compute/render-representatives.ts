import { type DimensionRepresentatives, NO_VERTEX } from "@tda-platform/engine/types";

/**
 * Representatives as JSON text, one list per dimension, aligned with the diagrams. `cocycle` and `cycle` are the names of
 * a bar's chain; without chains there is neither.
 */
export function renderRepresentatives(
  representatives: readonly DimensionRepresentatives[] | null,
  chainName: "cocycle" | "cycle",
): string {
  if (representatives === null) return "null";
  return `[${representatives.map((one, dimension) => renderDimension(one, dimension, chainName)).join(",")}]`;
}

/** Simplices of all chains. */
export function chainSimplices(representatives: readonly DimensionRepresentatives[] | null): number {
  return (representatives ?? []).reduce((sum, one) => sum + (one.chainCoefficients?.length ?? 0), 0);
}

function renderDimension(one: DimensionRepresentatives, dimension: number, chainName: string): string {
  const size = dimension + 1;
  const { birthSimplices: births, deathSimplices: deaths } = one;
  const bars: string[] = [];
  for (let i = 0; i * size < births.length; i++) {
    const death = deaths[i * (size + 1)] === NO_VERTEX ? "null" : simplex(deaths, i, size + 1);
    const chain = one.chainOffsets === null ? "" : `,"${chainName}":${renderChain(one, i, size)}`;
    bars.push(`{"birth_simplex":${simplex(births, i, size)},"death_simplex":${death}${chain}}`);
  }
  return `[${bars.join(",")}]`;
}

function renderChain(one: DimensionRepresentatives, bar: number, size: number): string {
  const { chainOffsets, chainSimplices: vertices, chainCoefficients, loopVertices } = one;
  const from = chainOffsets?.[bar] ?? 0;
  const to = chainOffsets?.[bar + 1] ?? 0;
  const simplices: string[] = [];
  for (let i = from; i < to; i++) simplices.push(simplex(vertices as Uint32Array, i, size));
  const coefficients = (chainCoefficients as Uint32Array).subarray(from, to).join(",");
  const loop = loopVertices === null ? "" : `,"vertices":[${loopVertices.subarray(from, to).join(",")}]`;
  return `{"simplices":[${simplices.join(",")}],"coefficients":[${coefficients}]${loop}}`;
}

function simplex(vertices: Uint32Array, index: number, size: number): string {
  return `[${vertices.subarray(index * size, (index + 1) * size).join(",")}]`;
}
