// The load generator, in a process of its own. usage: load.ts < Load as JSON; prints Measured as JSON.
import { text } from "node:stream/consumers";
import autocannon from "autocannon";

export interface Load {
  readonly url: string;
  /** POST unless told. A GET has no body. */
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  /** The body is head + coordinate + tail. */
  readonly body: { readonly head: string; readonly coordinate: number; readonly tail: string };
  /** A new coordinate, and so a new input, for each request, starting here; null: the same body each time. */
  readonly firstVariant: number | null;
  readonly connections: number;
  /** How long, or how many requests. */
  readonly seconds?: number;
  readonly amount?: number;
}

export interface Measured {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

const load = JSON.parse(await text(process.stdin)) as Load;
process.stdout.write(JSON.stringify(await measure(load)));

async function measure({
  url,
  method = "POST",
  headers,
  body,
  firstVariant,
  connections,
  seconds,
  amount,
}: Load): Promise<Measured> {
  let variant = firstVariant ?? 0;
  const nextBody = () => `${body.head}${body.coordinate + ++variant * 1e-9}${body.tail}`;
  const post: autocannon.Request = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: `${body.head}${body.coordinate}${body.tail}`,
    ...(firstVariant === null ? {} : { setupRequest: (one: autocannon.Request) => ({ ...one, body: nextBody() }) }),
  };
  const request: autocannon.Request = method === "GET" ? { method, headers } : post;
  const times: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  const options: autocannon.Options = {
    url,
    connections,
    requests: [request],
    timeout: 120,
    ...(amount === undefined ? { duration: seconds ?? 10 } : { amount }),
  };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    run.on("response", (_client, status, _bytes, milliseconds) => {
      if (status === 200) times.push(milliseconds);
      else failures++;
    });
  });
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  if (failures + result.errors + result.timeouts > 0) {
    throw new Error(`${failures} answers were not 200, ${result.errors} errors, ${result.timeouts} timeouts at ${url}`);
  }
  times.sort((a, b) => a - b);
  const percentile = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    requests: times.length,
    requestsPerSecond: times.length / elapsedSeconds,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
  };
}
