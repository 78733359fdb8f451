// What the parts of the benchmark ask of a server.
import { setTimeout as sleep } from "node:timers/promises";

export interface Server {
  readonly url: string;
  readonly apiKey: string;
  /** Processor time of the server, and of the database where it is its own, so far. */
  processorSeconds(): number;
}

const waitLimitMs = 90_000;

/** Windows of 50 points of a key by count, unless told otherwise. Answers the stream's id. */
export async function makeStream(server: Server, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const answer = await fetch(`${server.url}/v1/streams`, {
    method: "POST",
    headers: { "x-api-key": server.apiKey, "content-type": "application/json" },
    body: JSON.stringify({
      name: "bench",
      point_dimension: 2,
      window: { type: "count", count: 50 },
      compute: { max_dimension: 1 },
      outputs: ["diagrams"],
      ...fields,
    }),
  });
  const body = (await answer.json()) as { id: string };
  if (answer.status !== 201) throw new Error(`a stream was answered ${answer.status}: ${JSON.stringify(body)}`);
  return body.id;
}

/** The sum of a metric over its labels. */
export async function metric(server: Server, name: string, labels = ""): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(name) && line.includes(labels) && /^[{ ]/.test(line.slice(name.length)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** Waits until a metric has grown to a value. @throws after a minute and a half without */
export async function metricReaches(server: Server, name: string, labels: string, value: number): Promise<void> {
  for (const end = Date.now() + waitLimitMs; Date.now() < end; await sleep(25)) {
    if ((await metric(server, name, labels)) >= value) return;
  }
  throw new Error(
    `${name} has not come to ${value} in ${waitLimitMs / 1000} s, but to ${await metric(server, name, labels)}`,
  );
}
