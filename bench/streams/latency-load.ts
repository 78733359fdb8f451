// From the POST of the point that ends a window to the event with its result. usage: latency-load.ts < LatencyLoad as JSON; prints Latencies.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { pointAt } from "./points.ts";
import { quantile } from "./run-child.ts";

export interface LatencyLoad {
  readonly url: string;
  readonly apiKey: string;
  readonly stream: string;
  readonly keys: number;
  readonly pointsPerSecond: number;
  /** `sensors`: each request has 10 points of one key; `gateway`: a point each of many keys. */
  readonly shape: "sensors" | "gateway";
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface Latencies {
  readonly pointsPerSecond: number;
  readonly windows: number;
  /** Windows whose result had not come 10 s after the last point. */
  readonly missing: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly acknowledgedP95Ms: number;
}

const windowPoints = 50;
const load = JSON.parse(await text(process.stdin)) as LatencyLoad;
const headers = { "x-api-key": load.apiKey };
const base = `${load.url}/v1/streams/${load.stream}`;
const sentAt = new Map<string, number>();
const latencies: number[] = [];
const acknowledged: number[] = [];
let missed = 0;
let windows = 0;
let pending = 0;

const closing = new AbortController();
const live = await fetch(`${base}/results/live`, { headers, signal: closing.signal });
if (live.status !== 200) throw new Error(`live results were answered ${live.status}`);
const listening = listen(live.body!);
const points = await send();
for (const end = performance.now() + 10_000; sentAt.size > 0 && performance.now() < end; ) await sleep(20);
missed = sentAt.size;
closing.abort();
await listening.catch(() => undefined);
const answer: Latencies = {
  pointsPerSecond: points,
  windows,
  missing: missed,
  p50Ms: quantile(latencies, 0.5),
  p95Ms: quantile(latencies, 0.95),
  maxMs: quantile(latencies, 1),
  acknowledgedP95Ms: quantile(acknowledged, 0.95),
};
process.stdout.write(JSON.stringify(answer));
process.exit(0);

/** Windows are told by their key and the time of their last point: count windows, each key's times its own. */
async function listen(body: ReadableStream<Uint8Array>): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const at = performance.now();
    rest += decoder.decode(chunk, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop()!;
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data:"));
      if (data === undefined || !event.includes("event: result")) continue;
      const { key, window_end: windowEnd } = JSON.parse(data.slice(5)) as { key: string; window_end: string };
      const name = `${key}|${Date.parse(windowEnd)}`;
      const sent = sentAt.get(name);
      if (sent !== undefined) latencies.push(at - sent);
      sentAt.delete(name);
    }
  }
}

/** At a steady pace, whether answers come or not. Points a second that were reached, without the warming up. */
async function send(): Promise<number> {
  const { keys, pointsPerSecond, seconds, warmUpSeconds, shape } = load;
  const ofRequest = shape === "sensors" ? 10 : 50;
  // Keys are at other points of their windows, so that windows do not all end at once.
  const counts = Array.from({ length: keys }, (_, key) =>
    shape === "sensors" ? ofRequest * (key % (windowPoints / ofRequest)) : Math.floor((key * windowPoints) / keys),
  );
  const everyMs = (1000 * ofRequest) / pointsPerSecond;
  const total = Math.ceil(((seconds + warmUpSeconds) * 1000) / everyMs);
  const warmUp = Math.ceil((warmUpSeconds * 1000) / everyMs);
  const time = Date.now() - 1_800_000;
  const point = (key: number, step: number) => ({ t: time + step, v: pointAt(step + key), key: `sensor-${key}` });
  const before = counts.flatMap((count, key) => Array.from({ length: count }, (_, step) => point(key, step)));
  await post(JSON.stringify({ points: before }), 0, false);
  const begun = performance.now();
  let counted = 0;
  let countedFrom = begun;
  // As a sensor or a gateway does: a key's points are sent once its earlier ones are acknowledged, or they could change places.
  const lanes = Array.from({ length: shape === "sensors" ? keys : keys / ofRequest }, () => Promise.resolve());
  for (let n = 0; n < total; n++) {
    const wait = begun + n * everyMs - performance.now();
    if (wait > 1) await sleep(wait);
    if (n === warmUp) countedFrom = performance.now();
    const names: string[] = [];
    const points = Array.from({ length: ofRequest }, (_, i) => {
      const key = shape === "sensors" ? n % keys : (n * ofRequest + i) % keys;
      const step = counts[key]!++;
      if ((step + 1) % windowPoints === 0) names.push(`sensor-${key}|${time + step}`);
      return point(key, step);
    });
    const body = JSON.stringify({ points });
    const at = performance.now();
    if (n >= warmUp) {
      for (const name of names) sentAt.set(name, at);
      windows += names.length;
      counted += ofRequest;
    }
    // Never hundreds at once: a server that is behind is seen in the latencies and in the points a second.
    while (pending >= 64) await sleep(1);
    const lane = n % lanes.length;
    pending++;
    lanes[lane] = lanes[lane]!.then(() => post(body, at, n >= warmUp)).finally(() => {
      pending--;
    });
  }
  const elapsed = (performance.now() - countedFrom) / 1000;
  return counted / elapsed;
}

async function post(body: string, at: number, isCounted: boolean): Promise<void> {
  const answer = await fetch(`${base}/points`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  await answer.text();
  if (answer.status !== 202) throw new Error(`points were answered ${answer.status}`);
  if (isCounted) acknowledged.push(performance.now() - at);
}
