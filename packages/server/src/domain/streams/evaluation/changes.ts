import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { ByteReader, ByteWriter } from "../windows/bytes.ts";

/** Results that a key remembers, those of the greatest window_seq. */
export const REMEMBERED_RESULTS = 64;

export interface RememberedResult {
  readonly seq: number;
  /** Of the definition's change dimensions, deaths finite; null: no open or later window can ask for it any more. */
  readonly diagrams: readonly Float64Array[] | null;
}

export interface RuleState {
  /** Windows in a row whose z-score reached the level. */
  run: number;
  /** Windows still without an alert. */
  rest: number;
}

/** What the results of a key so far mean for the next ones. It belongs to one version of the definition. */
export interface ChangeState {
  /** By window_seq. */
  results: RememberedResult[];
  /** The last distances of revision 0. */
  distances: number[];
  /** By rule of the definition. */
  rules: RuleState[];
}

export function newChangeState(): ChangeState {
  return { results: [], distances: [], rules: [] };
}

/** Change dimensions that the diagrams have, in the definition's order. */
export function changeDimensions({
  change_dimensions: dimensions,
  max_dimension: max,
}: StreamDefinition): readonly number[] {
  return dimensions.filter((dimension) => dimension <= max);
}

/** The result of the greatest window_seq below one. */
export function resultBefore({ results }: ChangeState, seq: number): RememberedResult | undefined {
  return results.findLast((result) => result.seq < seq);
}

/** Under its window_seq: a revision takes the place of the one before. */
export function rememberResult(state: ChangeState, result: RememberedResult): void {
  const { results } = state;
  const place = results.findLastIndex(({ seq }) => seq <= result.seq);
  if (results[place]?.seq === result.seq) results[place] = result;
  else results.splice(place + 1, 0, result);
  if (results.length > REMEMBERED_RESULTS) results.shift();
}

/**
 * Lets go of diagrams that no window can ask for: a window asks for the result just below it, so that a result is needed while a window
 * between it and the next result may still fire, and the last one always.
 * @param open window_seq of the open windows, in any order
 */
export function pruneResults(state: ChangeState, open: readonly number[]): void {
  const { results } = state;
  results.forEach((result, i) => {
    const next = results[i + 1];
    if (next === undefined || result.diagrams === null) return;
    if (!open.some((seq) => seq > result.seq && seq <= next.seq)) results[i] = { seq: result.seq, diagrams: null };
  });
}

const LAYOUT = 1;

export function encodeChangeState({ results, distances, rules }: ChangeState): Uint8Array {
  const writer = new ByteWriter(1024);
  writer.byte(LAYOUT);
  writer.list(results, ({ seq, diagrams }) => {
    writer.number(seq);
    writer.byte(diagrams === null ? 0 : 1);
    writer.list(diagrams ?? [], (pairs) => writer.numbers(pairs));
  });
  writer.numbers(distances);
  writer.list(rules, ({ run, rest }) => {
    writer.number(run);
    writer.number(rest);
  });
  return writer.done();
}

/** @throws RangeError when the bytes are no state, or one of a later layout. */
export function decodeChangeState(bytes: Uint8Array): ChangeState {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== LAYOUT) throw new RangeError("The layout of the saved state is not known.");
  const results = reader.list(() => {
    const seq = reader.number();
    const isKept = reader.byte() === 1;
    const diagrams = reader.list(() => reader.numbers());
    return { seq, diagrams: isKept ? diagrams : null };
  });
  const distances = Array.from(reader.numbers());
  const rules = reader.list(() => ({ run: reader.number(), rest: reader.number() }));
  reader.end();
  return { results, distances, rules };
}
