import { randomPoints } from "../../acceptance/support/inputs.ts";

/** What is asked of the server: clouds of three sizes, uniform in the unit cube, from fixed seeds. */
export const payloads = [
  { name: "20 points", points: 20, maxDimension: 1 },
  { name: "120 points", points: 120, maxDimension: 1 },
  { name: "1,000 points", points: 1000, maxDimension: 1 },
] as const;
export type Payload = (typeof payloads)[number];

/**
 * The request's body around its first coordinate, `head + coordinate + tail`: a new coordinate makes a new input, whose
 * answer no cache can have, at no cost to whoever sends it.
 */
export function bodyParts({ points, maxDimension }: Payload): { head: string; coordinate: number; tail: string } {
  const rows = randomPoints(points, 3, points);
  const text = JSON.stringify({ points: rows, max_dimension: maxDimension });
  const head = '{"points":[[';
  return { head, coordinate: rows[0]![0]!, tail: text.slice(text.indexOf(",")) };
}

export function bodyOf(payload: Payload): string {
  const { head, coordinate, tail } = bodyParts(payload);
  return `${head}${coordinate}${tail}`;
}
