import type { StreamEvent } from "@tda-platform/contract/events/stream-event";

/** Records of points that a key remembers, so that the same ones sent again change nothing. */
export const REMEMBERED_BATCHES = 128;

export interface Batch {
  readonly id: string;
  readonly part: number;
  readonly hash: Uint8Array;
}

/** `new` ones join the batches, of which the oldest goes beyond the bound. */
export function meetBatch(batches: Batch[], event: StreamEvent): "new" | "repeated" | "conflict" {
  const known = batches.findLast(({ id, part }) => part === event.batch_part && id === event.batch_id);
  if (known !== undefined) return isSame(known.hash, event.body_hash) ? "repeated" : "conflict";
  batches.push({ id: event.batch_id, part: event.batch_part, hash: event.body_hash });
  if (batches.length > REMEMBERED_BATCHES) batches.shift();
  return "new";
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
