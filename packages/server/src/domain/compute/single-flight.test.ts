import { describe, expect, it } from "vitest";
import { Abandoned, SingleFlight } from "./single-flight.ts";

const stay = () => new AbortController().signal;

/** Work that ends when told, and says whether it was cancelled. */
function controlled() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const state = { started: 0, signal: stay() };
  const work = (signal: AbortSignal) => {
    state.started++;
    state.signal = signal;
    return promise;
  };
  return { work, resolve, reject, state };
}

describe("SingleFlight", () => {
  it("does equal work once and gives everyone the result", async () => {
    const flights = new SingleFlight<string>();
    const { work, resolve, state } = controlled();
    const waiting = [1, 2, 3].map(() => flights.join("k", stay(), work));
    resolve("done");
    expect(await Promise.all(waiting)).toEqual(["done", "done", "done"]);
    expect(state.started).toBe(1);
  });

  it("keeps different keys apart, and starts again after the end", async () => {
    const flights = new SingleFlight<number>();
    let count = 0;
    const work = async () => ++count;
    expect(await Promise.all([flights.join("a", stay(), work), flights.join("b", stay(), work)])).toEqual([1, 2]);
    expect(await flights.join("a", stay(), work)).toBe(3);
    expect(flights.inProgress).toBe(0);
  });

  it("gives everyone the failure, and forgets it", async () => {
    const flights = new SingleFlight<string>();
    const { work, reject } = controlled();
    const waiting = [flights.join("k", stay(), work), flights.join("k", stay(), work)];
    reject(new Error("broken"));
    for (const one of waiting) await expect(one).rejects.toThrow("broken");
    expect(await flights.join("k", stay(), async () => "new")).toBe("new");
  });

  it("goes on when one of two leaves", async () => {
    const flights = new SingleFlight<string>();
    const { work, resolve, state } = controlled();
    const leaver = new AbortController();
    const left = flights.join("k", leaver.signal, work);
    const stayed = flights.join("k", stay(), work);
    leaver.abort();
    await expect(left).rejects.toBeInstanceOf(Abandoned);
    expect(state.signal.aborted).toBe(false);
    resolve("done");
    expect(await stayed).toBe("done");
  });

  it("cancels when the last one leaves, and whoever comes then starts anew", async () => {
    const flights = new SingleFlight<string>();
    const first = controlled();
    const leaver = new AbortController();
    const left = flights.join("k", leaver.signal, first.work);
    leaver.abort();
    await expect(left).rejects.toBeInstanceOf(Abandoned);
    expect(first.state.signal.aborted).toBe(true);
    const second = controlled();
    const next = flights.join("k", stay(), second.work);
    second.resolve("second");
    first.resolve("first");
    expect(await next).toBe("second");
  });

  it("does not start for someone who has left already", async () => {
    const flights = new SingleFlight<string>();
    const { work, state } = controlled();
    await expect(flights.join("k", AbortSignal.abort(), work)).rejects.toBeInstanceOf(Abandoned);
    expect(state.started).toBe(0);
  });
});
