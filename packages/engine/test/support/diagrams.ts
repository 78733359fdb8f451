import type { VietorisRipsResult } from "../../src/types.ts";

export type Bar = readonly [number, number];

export function barsOf({ diagrams }: VietorisRipsResult): number[][][] {
  return diagrams.map((flat) =>
    Array.from({ length: flat.length / 2 }, (_, index) => [...flat.subarray(2 * index, 2 * index + 2)]),
  );
}

export function times(count: number, bar: Bar): number[][] {
  return Array.from({ length: count }, () => [...bar]);
}

export function bytesOf({ diagrams }: VietorisRipsResult): string[] {
  return diagrams.map((diagram) => Buffer.from(diagram.buffer, diagram.byteOffset, diagram.byteLength).toString("hex"));
}
