import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Circuit, CircuitOpen } from "./circuit.ts";

class Gone extends Error {}

function circuit() {
  const states: string[] = [];
  const made = new Circuit({
    isFailure: (error) => error instanceof Gone,
    failures: 3,
    halfOpenAfterMs: 20,
    onChange: (state) => states.push(state),
  });
  return { made, states };
}

const fail = () => Promise.reject(new Gone());
const refuse = () => Promise.reject(new TypeError("refused"));

test("opens after failures in a row, and then attempts nothing", async () => {
  const { made, states } = circuit();
  for (let i = 0; i < 3; i++) await expect(made.run(fail)).rejects.toThrow(Gone);
  let attempted = false;
  await expect(
    made.run(async () => {
      attempted = true;
    }),
  ).rejects.toThrow(CircuitOpen);
  expect([attempted, made.state, states]).toEqual([false, "open", ["open"]]);
});

test("a success in between starts the count anew, and a refusal is no failure", async () => {
  const { made } = circuit();
  for (let i = 0; i < 5; i++) {
    await expect(made.run(fail)).rejects.toThrow(Gone);
    await expect(made.run(fail)).rejects.toThrow(Gone);
    await made.run(async () => 1);
  }
  for (let i = 0; i < 5; i++) await expect(made.run(refuse)).rejects.toThrow(TypeError);
  expect(made.state).toBe("closed");
});

test("a probe closes it, no request does", async () => {
  const { made, states } = circuit();
  for (let i = 0; i < 3; i++) await expect(made.run(fail)).rejects.toThrow(Gone);
  await sleep(30);
  await expect(made.run(async () => 1)).rejects.toThrow(CircuitOpen);
  await expect(made.probe(fail)).rejects.toThrow(Gone);
  expect(made.state).toBe("open");
  await sleep(30);
  expect(await made.probe(async () => 2)).toBe(2);
  expect(await made.run(async () => 3)).toBe(3);
  expect(states).toEqual(["open", "half_open", "open", "half_open", "closed"]);
});
