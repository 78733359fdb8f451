import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until the answer is there; an answer of undefined, null or false, or an exception, means "not yet". The limit only
 * ends a test that would never end: no test asserts how long something took.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limitMs = 30_000,
): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(25)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer as T;
      last = answer;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`waited ${limitMs} ms for: ${what} (last: ${String(last)})`);
}
