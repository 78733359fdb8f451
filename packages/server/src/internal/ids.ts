import { randomFillSync } from "node:crypto";
import type { IdPrefix } from "@tda-platform/contract/identifiers";
import { v7 } from "uuid";

const RANDOM_BYTES = 16;
/** Random bytes for many identifiers at a time: a draw costs more than everything else of a cached answer's identifier. */
const pool = new Uint8Array(RANDOM_BYTES * 256);
let used = pool.length;
let latestMs = 0;
let sequence = 0;

/** A new identifier: prefix and UUIDv7, so that identifiers sort by the time they were made, also within a millisecond. */
export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  const random = nextRandom();
  const now = Date.now();
  if (now > latestMs) {
    latestMs = now;
    sequence = ((random[6]! & 0x7f) << 24) | (random[7]! << 16) | (random[8]! << 8) | random[9]!;
  } else {
    sequence = (sequence + 1) | 0;
    if (sequence === 0) latestMs++;
  }
  return `${prefix}_${v7({ random, msecs: latestMs, seq: sequence })}`;
}

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.subarray(used - RANDOM_BYTES, used);
}
