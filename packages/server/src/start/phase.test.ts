import { expect, test } from "vitest";
import { createLogger } from "../internal/logger.ts";
import { type StopPhase, stopPhase } from "./phase.ts";

const logger = createLogger({ level: "silent", format: "json" });
const never = new Promise<never>(() => undefined);
const unforced = new AbortController().signal;

function run(phase: Partial<StopPhase>, force = unforced): Promise<boolean> {
  return stopPhase(logger, { name: "step", limitMs: 60_000, work: async () => undefined, ...phase }, force);
}

test("a step that ends in time is done", async () => {
  expect(await run({})).toBe(true);
});

test("a step that fails or is late is not done, and the late one is given up", async () => {
  let givenUp = 0;
  const giveUp = () => {
    givenUp += 1;
  };
  expect(await run({ work: () => Promise.reject(new Error("x")), giveUp })).toBe(false);
  expect(givenUp).toBe(0);
  expect(await run({ work: () => never, limitMs: 1, giveUp })).toBe(false);
  expect(givenUp).toBe(1);
});

test("force ends the wait, except for an essential step", async () => {
  const force = AbortSignal.abort();
  expect(await run({ work: () => never }, force)).toBe(false);
  const later = new Promise((resolve) => setImmediate(resolve));
  expect(await run({ work: () => later, isEssential: true }, force)).toBe(true);
});
