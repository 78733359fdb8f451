import { expect, test } from "vitest";
import { repeatMs, stopCounter } from "./signals.ts";

function counter() {
  const heard: string[] = [];
  let now = 5_000;
  const count = stopCounter(
    { onStop: (reason) => heard.push(`stop ${reason}`), onForce: (reason) => heard.push(`force ${reason}`) },
    () => now,
  );
  return {
    heard,
    signal(reason: string, afterMs: number) {
      now += afterMs;
      count(reason);
    },
  };
}

test("repetitions within two seconds count as one", () => {
  const { heard, signal } = counter();
  signal("SIGINT", 0);
  signal("SIGINT", 1);
  signal("SIGTERM", repeatMs - 1);
  expect(heard).toEqual(["stop SIGINT"]);
});

test("a later one forces", () => {
  const { heard, signal } = counter();
  signal("SIGTERM", 0);
  signal("SIGINT", repeatMs + 1);
  expect(heard).toEqual(["stop SIGTERM", "force SIGINT"]);
});
