import { expect, it } from "vitest";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { GroupCommit } from "./group-commit.ts";

/** Writes when it is let, and tells what came in one batch. */
function gated(limits: { batchItems: number; batchBytes?: number; queueItems?: number; queueBytes?: number }) {
  const batches: number[][] = [];
  let open = Promise.withResolvers<void>();
  const commit = new GroupCommit<number, number>({
    ...limits,
    bytesOf: (item) => item,
    refusal: "too much",
    write: async (batch) => {
      batches.push([...batch]);
      await open.promise;
      return batch.map((item) => item * 2);
    },
  });
  const letGo = () => {
    open.resolve();
    open = Promise.withResolvers<void>();
    open.resolve();
  };
  return { commit, batches, letGo };
}

it("shares the next commit among what comes while one is under way, within items and bytes", async () => {
  const { commit, batches, letGo } = gated({ batchItems: 3, batchBytes: 100 });
  const results = [commit.add(1)];
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const item of [2, 3, 4, 60, 50, 500, 5]) results.push(commit.add(item));
  letGo();
  expect(await Promise.all(results)).toEqual([2, 4, 6, 8, 120, 100, 1000, 10]);
  expect(batches).toEqual([[1], [2, 3, 4], [60], [50], [500], [5]]);
});

it("turns away what would wait beyond the bound of items or bytes, and takes again what comes later", async () => {
  for (const limits of [{ queueItems: 2 }, { queueBytes: 9 }]) {
    const { commit, letGo } = gated({ batchItems: 1, ...limits });
    const running = commit.add(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const waiting = [commit.add(5), commit.add(5)];
    await expect(commit.add(5)).rejects.toThrow(DependencyUnavailable);
    letGo();
    await Promise.all([running, ...waiting]);
    expect(await commit.add(5)).toBe(10);
  }
});
