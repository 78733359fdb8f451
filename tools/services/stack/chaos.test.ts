import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../../packages/sdk/src/index.ts";
import { buildStreamingJob } from "../../setup/streaming-job.mjs";
import { processTree, signalProcess } from "../processes.mjs";
import { type Stack, startStack } from "./start-stack.ts";

/*
 * Points come all the time while each process of the stack is killed with -9, or frozen, in turn. What was acknowledged gives every window of
 * every key once, with all its points. Run by the suite `streaming`.
 */
const root = join(import.meta.dirname, "..", "..", "..");
const keys = ["a", "b", "c", "d"];
const windowMs = 500;
const pointsOfWindow = 5;
const betweenPushesMs = 200;
/** Between one fault's end and the next. */
const restMs = 3_000;
/** Longer than a lease of a relay's or a sink's partition. */
const frozenMs = 20_000;
const pushLimitMs = 120_000;
const resultsLimitMs = 180_000;

let stack: Stack;
beforeAll(async () => {
  const job = await buildStreamingJob(root);
  stack = await startStack({ job });
}, 600_000);
afterAll(() => stack?.stop());

const clientOf = (url: string) => createClient({ baseUrl: url, apiKey: stack.servers[0]!.apiKey });

/** One window of each key; by whichever server takes it, under one name until it is acknowledged. */
async function push(stream: string, number: number): Promise<void> {
  const points = keys.flatMap((key) =>
    Array.from({ length: pointsOfWindow }, (_, n) => ({
      t: number * windowMs + n * 100,
      v: [Math.cos(number + n), Math.sin(number * n)],
      key,
    })),
  );
  for (const end = Date.now() + pushLimitMs; ; await sleep(100)) {
    for (const { url } of stack.servers) {
      try {
        const options = { idempotencyKey: `window-${number}`, signal: AbortSignal.timeout(5_000) };
        expect(await clientOf(url).streams.push(stream, points, options)).toMatchObject({ rejected: [] });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }
}

async function faults(): Promise<void> {
  const { services, flink, servers } = stack;
  const [first, second] = servers;
  const [taskManager] = flink!.taskManagers;
  const killed = async (one: { kill(): Promise<void>; restart(): Promise<void> }) => {
    await one.kill();
    await sleep(1_000);
    await one.restart();
  };
  const all: [string, () => Promise<void>][] = [
    ["an engine host", async () => signalProcess(processTree(taskManager!.pid).pop()!, "SIGKILL")],
    ["a broker", () => killed(services.kafka.brokers[0]!)],
    ["a TaskManager", () => killed(taskManager!)],
    ["a server: API, relay and sink", () => killed(first!)],
    ["PostgreSQL", () => killed(services.postgres)],
    ["the JobManager", () => killed(flink!.jobManager)],
  ];
  for (const [name, fault] of all) {
    await sleep(restMs);
    await fault().catch((cause: unknown) => Promise.reject(new Error(`${name} does not come back`, { cause })));
    if (name === "a broker") await services.kafka.allAlive();
  }
  await sleep(restMs);
  await second!.freeze();
  await sleep(frozenMs);
  await second!.resume();
  await sleep(restMs);
}

async function results(stream: string) {
  const client = clientOf(stack.servers[0]!.url);
  const found = [];
  let cursor: string | undefined;
  do {
    const page = await client.streams.results(stream, {
      revisions: "all",
      limit: 200,
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

it("gives every window of every key once, with all its points, whatever was killed meanwhile", async () => {
  const client = clientOf(stack.servers[0]!.url);
  const { id: stream } = await client.streams.create({
    name: "chaos",
    point_dimension: 2,
    window: { type: "tumbling", size_ms: windowMs },
  });
  let isOver = false;
  const over = faults().finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  let pushed = 0;
  for (; !isOver; await sleep(betweenPushesMs)) await push(stream, pushed++);
  await over;
  expect(pushed).toBeGreaterThan(20);
  await client.streams.flush(stream);
  const expected = keys.flatMap((key) =>
    Array.from({ length: pushed }, (_, number) => `${key} ${number} 0 ${pointsOfWindow}`),
  );
  const seen = async () => {
    const all = await results(stream);
    return all.map(({ key, window_start, revision, points }) =>
      [key, Date.parse(window_start as string) / windowMs, revision, points].join(" "),
    );
  };
  await expect
    .poll(async () => (await seen()).length, { timeout: resultsLimitMs, interval: 1_000 })
    .toBe(expected.length);
  expect((await seen()).sort()).toEqual(expected.sort());
  expect((await client.streams.rejected(stream)).items).toEqual([]);
}, 900_000);
