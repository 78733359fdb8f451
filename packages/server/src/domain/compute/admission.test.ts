import { describe, expect, it } from "vitest";
import { Admission } from "./admission.ts";
import { Abandoned } from "./single-flight.ts";

const stay = () => new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("Admission", () => {
  it("runs up to its limit, then lets the first who waits in", async () => {
    const admission = new Admission(2, 5);
    const order: number[] = [];
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const all = gates.map((gate, i) =>
      admission.run(stay(), async () => {
        order.push(i);
        await gate.promise;
        return i;
      }),
    );
    await settle();
    expect([order, admission.running, admission.waiting]).toEqual([[0, 1], 2, 2]);
    gates[1]!.resolve();
    await settle();
    expect([order, admission.running, admission.waiting]).toEqual([[0, 1, 2], 2, 1]);
    for (const gate of gates) gate.resolve();
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
    expect([admission.running, admission.waiting]).toEqual([0, 0]);
  });

  it("lets the next one in when the work says that it needs its place no longer, once", async () => {
    const admission = new Admission(1, 5);
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    const order: string[] = [];
    const all = gates.map((gate, i) =>
      admission.run(stay(), async (leave) => {
        order.push(`in ${i}`);
        await gate.promise;
        leave();
        leave();
        await settle();
        order.push(`out ${i}`);
      }),
    );
    gates[0]!.resolve();
    await settle();
    expect([order[1], admission.running, admission.waiting]).toEqual(["in 1", 1, 1]);
    await all[0];
    expect([admission.running, admission.waiting]).toEqual([1, 1]);
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    expect([admission.running, admission.waiting]).toEqual([0, 0]);
  });

  it("refuses beyond both limits, with a time to come back", async () => {
    const admission = new Admission(1, 0);
    const gate = Promise.withResolvers<void>();
    const first = admission.run(stay(), () => gate.promise);
    await expect(admission.run(stay(), async () => 1)).rejects.toMatchObject({ code: "overloaded" });
    await expect(admission.run(stay(), async () => 1)).rejects.toHaveProperty("retryAfterSeconds", expect.any(Number));
    gate.resolve();
    await first;
    expect(await admission.run(stay(), async () => 2)).toBe(2);
  });

  it("forgets who leaves while waiting, and gives the place back after a failure", async () => {
    const admission = new Admission(1, 2);
    const gate = Promise.withResolvers<void>();
    const first = admission.run(stay(), () => gate.promise);
    const leaver = new AbortController();
    const left = admission.run(leaver.signal, async () => "never");
    const next = admission.run(stay(), async () => "next");
    leaver.abort();
    await expect(left).rejects.toBeInstanceOf(Abandoned);
    expect(admission.waiting).toBe(1);
    gate.reject(new Error("broken"));
    await expect(first).rejects.toThrow("broken");
    expect(await next).toBe("next");
    expect(admission.running).toBe(0);
  });
});
