import { setTimeout as sleep } from "node:timers/promises";
import { flinkJob, type Stack, startStack } from "@tda-platform/services/stack";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Api } from "../support/http.ts";
import { total } from "../support/metrics.ts";
import { until } from "../support/poll.ts";
import { processTree, signalQuietly } from "../support/processes.ts";
import { computed } from "../support/shapes.ts";
import { Follower, Load, lateOf, POINTS, pointsOf, type Result, Servers, WINDOW_MS } from "./load.ts";

/**
 * Points come in while everything that is on the way from a point to its results is killed, one after the other. Once around by default;
 * TDA_TEST_CHAOS_STREAMS=10 goes around ten times.
 */
const ROUNDS = Number(process.env.TDA_TEST_CHAOS_STREAMS ?? 1);
const KEYS = 6;
/** Every so many windows the diagrams are compared with those of the compute call. */
const COMPARED = 7;
/** They only end a test that would never end. */
const RECOVERY_LIMIT_MS = 180_000;
const LIMIT_MS = 300_000 + ROUNDS * 600_000;
/** After it the partitions of an instance that is not heard of are another's. */
const LEASE_MS = 12_500;

let stack: Stack;
let servers: Servers;
/** What a server counted goes with it: it is read before. */
let divergences = 0;

beforeAll(async () => {
  stack = await startStack({ job: await flinkJob(), servers: 2 });
  servers = new Servers(
    stack.servers.map(({ url }) => url),
    stack.servers[0]!.apiKey,
  );
}, 300_000);
afterAll(() => stack?.stop(), 60_000);

async function countDivergences(url: string): Promise<void> {
  divergences += await total(new Api(url), "tda_results_divergence_total");
}

interface Strike {
  readonly victim: string;
  /** Killed, and back. */
  strike(): Promise<unknown>;
}

function strikes(round: number): Strike[] {
  const { kafka, postgres } = stack.services;
  const { taskManagers, jobManager } = stack.flink!;
  const [taskManager] = taskManagers;
  const [one, other] = round % 2 === 0 ? stack.servers : stack.servers.toReversed();
  return [
    {
      victim: "engine hosts of the job",
      strike: async () => {
        const hosts = processTree(taskManager!.pid).filter(({ name }) => name === "tda-engine-host");
        expect(hosts).not.toEqual([]);
        for (const { pid } of hosts) signalQuietly(pid, "SIGKILL");
      },
    },
    { victim: "a broker", strike: () => kafka.brokers[round % 3]!.restart() },
    { victim: "the TaskManager", strike: () => taskManager!.restart() },
    {
      victim: "an instance with API, relay and sink",
      strike: async () => {
        await countDivergences(one!.url);
        await one!.restart();
      },
    },
    { victim: "the JobManager", strike: () => jobManager.restart() },
    { victim: "PostgreSQL", strike: () => postgres.restart() },
    {
      victim: "an instance, frozen past its leases",
      strike: async () => {
        await other!.freeze();
        await sleep(LEASE_MS);
        await other!.resume();
      },
    },
  ];
}

it(`each point is in its window's results, each of them once, whoever is killed (${ROUNDS} times around)`, {
  timeout: LIMIT_MS,
}, async () => {
  const definition = {
    name: "chaos",
    point_dimension: 2,
    window: { type: "tumbling", size_ms: WINDOW_MS },
    allowed_lateness_ms: WINDOW_MS,
    idle_timeout_ms: 3_600_000,
  };
  const created = await servers.ask("/v1/streams", "POST", definition);
  const { id } = created.json<{ id: string }>();
  const load = new Load(servers, id, KEYS);
  const follower = new Follower(servers, id);
  const positions = () => new Set(follower.results.map(({ position }) => position)).size;
  try {
    await until("the first results", () => positions() >= 4 * KEYS, RECOVERY_LIMIT_MS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { victim, strike } of strikes(round)) {
        await strike();
        // It is back: all that was acknowledged until now has results without anybody's help.
        const due = load.due;
        await until(`results after ${victim}`, () => load.failure !== null || positions() >= due, RECOVERY_LIMIT_MS);
        if (load.failure !== null) break;
      }
    }
    await load.end();
    const flushed = await servers.ask(`/v1/streams/${id}/flush`, "POST");
    expect([flushed.status, flushed.json()]).toEqual([202, { keys: KEYS }]);
    const all = load.due + KEYS;
    await until("all results", () => positions() >= all, RECOVERY_LIMIT_MS);
    // Whatever would come twice has time to.
    await sleep(3_000);
  } finally {
    await follower.end();
  }

  // Numbered without gaps as they were stored, each told once.
  const expectedPositions = Array.from({ length: load.due + KEYS }, (_, i) => i + 1);
  expect(follower.results.map(({ position }) => position)).toEqual(expectedPositions);
  const name = ({ key, window_start, revision }: Result) =>
    `${key} ${Date.parse(window_start) / WINDOW_MS} ${revision}`;
  const expected = load.windows.flatMap((windows, key) =>
    Array.from({ length: windows }, (_, window) => window).flatMap((window) => [
      [`k${key} ${window} 0`, POINTS],
      ...(window < windows - 1 ? [[`k${key} ${window} 1`, POINTS + 1]] : []),
    ]),
  );
  const told = follower.results.map(({ result }) => [name(result), result.points]);
  expect(told.map(String).sort()).toEqual(expected.map(String).sort());
  // A bar in dimension 0 for each point.
  for (const { result } of follower.results)
    expect([name(result), result.diagrams[0]!.length]).toEqual([name(result), result.points]);
  await checkStore(id, load.windows);

  const { items: rejected } = (await servers.ask(`/v1/streams/${id}/rejected`, "GET")).json<{ items: object[] }>();
  expect(rejected).toEqual([]);
  for (const { url } of stack.servers) await countDivergences(url);
  expect(divergences).toBe(0);
});

/** The last revision of every window, once, with the diagrams of its points. */
async function checkStore(id: string, windows: readonly number[]): Promise<void> {
  for (const [key, count] of windows.entries()) {
    const items = await listed(`/v1/streams/${id}/results?key=k${key}&limit=100`);
    const found = items.map(({ window_start, revision, points }) => [
      Date.parse(window_start) / WINDOW_MS,
      revision,
      points,
    ]);
    const last = (window: number) => (window < count - 1 ? [window, 1, POINTS + 1] : [window, 0, POINTS]);
    expect(found).toEqual(Array.from({ length: count }, (_, i) => last(count - 1 - i)));
    for (let window = key; window < count; window += COMPARED) {
      const late = window < count - 1 ? [lateOf(key, window)] : [];
      const points = [...pointsOf(key, window), ...late].map(({ v }) => v);
      const { diagrams } = computed(await servers.ask("/v1/compute/vietoris-rips", "POST", { points }));
      expect(items[count - 1 - window]!.diagrams).toEqual(diagrams);
    }
  }
}

async function listed(path: string): Promise<Result[]> {
  const items: Result[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await servers.ask(`${path}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`, "GET");
    const body = page.json<{ items: Result[]; next_cursor?: string | null }>();
    items.push(...body.items);
    cursor = body.next_cursor ?? null;
  }
  return items;
}
