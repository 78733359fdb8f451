import { afterEach, describe, expect, it } from "vitest";
import { WorkerEnded, WorkerPool, WorkerPoolFull } from "./worker-pool.ts";

type Request = { readonly echo: number } | { readonly exit: number } | { readonly throws: string };

const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", (request) => {
      if ("exit" in request) process.exit(request.exit);
      if ("throws" in request) throw new Error(request.throws);
      parentPort.postMessage(request.echo);
    });`)}`,
);
const pools: WorkerPool<Request, number>[] = [];
function pool(size: number, queueLimit: number): WorkerPool<Request, number> {
  const made = new WorkerPool<Request, number>({ script, size, queueLimit });
  pools.push(made);
  return made;
}
afterEach(async () => {
  for (const one of pools.splice(0)) await one.close();
});

describe("WorkerPool", () => {
  it("answers each task with its own answer", async () => {
    const two = pool(2, 100);
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    expect(await Promise.all(numbers.map((echo) => two.run({ echo }, [])))).toEqual(numbers);
  });

  it("refuses what does not fit into its queue", async () => {
    const one = pool(1, 1);
    const accepted = [one.run({ echo: 1 }, []), one.run({ echo: 2 }, [])];
    await expect(one.run({ echo: 3 }, [])).rejects.toBeInstanceOf(WorkerPoolFull);
    expect(await Promise.all(accepted)).toEqual([1, 2]);
  });

  it("fails the task of a worker that ends, and goes on with another", async () => {
    const one = pool(1, 10);
    const [exited, after] = [one.run({ exit: 3 }, []), one.run({ echo: 4 }, [])];
    await expect(exited).rejects.toBeInstanceOf(WorkerEnded);
    expect(await after).toBe(4);
    await expect(one.run({ throws: "broken" }, [])).rejects.toHaveProperty(
      "cause",
      expect.objectContaining({ message: "broken" }),
    );
    expect(await one.run({ echo: 5 }, [])).toBe(5);
  });

  it("rejects what is left when it is closed, and everything after", async () => {
    const one = pool(1, 10);
    const left = [one.run({ echo: 1 }, []), one.run({ echo: 2 }, [])];
    const settled = Promise.allSettled(left);
    await one.close();
    for (const result of await settled) expect(result.status).toBe("rejected");
    await expect(one.run({ echo: 3 }, [])).rejects.toBeInstanceOf(WorkerEnded);
  });
});
