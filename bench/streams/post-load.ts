// POSTs points as fast as answers come. usage: post-load.ts < PostLoad as JSON; prints Posted as JSON.
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { batchOf, bodyOf } from "./points.ts";
import { quantile } from "./run-child.ts";

export interface PostLoad {
  readonly url: string;
  readonly apiKey: string;
  readonly stream: string;
  /** Points of a request. */
  readonly batch: number;
  readonly isNdjson: boolean;
  readonly keys: number;
  readonly connections: number;
  /** How long, or how many requests. */
  readonly seconds?: number;
  readonly requests?: number;
}

export interface Posted {
  readonly requests: number;
  readonly points: number;
  readonly seconds: number;
  /** Answers 503: these were sent again, and their time counts. */
  readonly repeats: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** What is taken twice then does no harm here. Beyond, the server is away. */
const MOST_REPEATS = 50;

const load = JSON.parse(await text(process.stdin)) as PostLoad;
process.stdout.write(JSON.stringify(await measure(load)));

async function measure({
  url,
  apiKey,
  stream,
  batch,
  isNdjson,
  keys,
  connections,
  ...until
}: PostLoad): Promise<Posted> {
  // Made before, and again and again: without an Idempotency-Key each request is a batch of its own.
  const bodies = Array.from({ length: Math.max(4, Math.ceil(40_000 / batch)) }, (_, n) =>
    bodyOf(batchOf(n, batch, keys), isNdjson),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const options = {
    method: "POST",
    agent,
    headers: { "x-api-key": apiKey, "content-type": isNdjson ? "application/x-ndjson" : "application/json" },
  };
  const target = new URL(`${url}/v1/streams/${stream}/points`);
  let repeats = 0;
  const ask = (body: Buffer) =>
    new Promise<number>((resolve, reject) => {
      const headers = { ...options.headers, "content-length": body.length };
      const sent = request(target, { ...options, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject).on("end", () => {
          const said = Buffer.concat(chunks).toString();
          const isTaken = answer.statusCode === 202 && said.includes('"rejected":[]');
          if (isTaken || answer.statusCode === 503) resolve(answer.statusCode!);
          else reject(new Error(`points were answered ${answer.statusCode}: ${said.slice(0, 300)}`));
        });
      });
      sent.on("error", reject).end(body);
    });
  const post = async (body: Buffer) => {
    while ((await ask(body)) === 503) {
      if (++repeats > MOST_REPEATS) throw new Error(`points were answered 503 ${repeats} times`);
      await sleep(200);
    }
  };
  const times: number[] = [];
  const begun = performance.now();
  const end = begun + (until.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  let next = 0;
  const work = async () => {
    while (performance.now() < end && next < (until.requests ?? Number.POSITIVE_INFINITY)) {
      const startedAt = performance.now();
      await post(bodies[next++ % bodies.length]!);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  const seconds = (performance.now() - begun) / 1000;
  agent.destroy();
  const requests = times.length;
  return {
    requests,
    points: requests * batch,
    seconds,
    repeats,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
  };
}
