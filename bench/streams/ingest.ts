// Points over HTTP into the log, acknowledged when they are durable.
import type { Posted, PostLoad } from "./post-load.ts";
import { runChild } from "./run-child.ts";
import { makeStream, type Server } from "./stream-api.ts";

export interface IngestRow {
  readonly how: string;
  readonly rounds: readonly IngestRound[];
}

interface IngestRound extends Posted {
  /** Of the server, and of the database where it is its own, for a point. */
  readonly processorMicroseconds: number;
}

export interface IngestOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly log: (line: string) => void;
}

const kinds = [
  { how: "JSON, 100 a request", batch: 100, isNdjson: false },
  { how: "JSON, 1,000 a request", batch: 1_000, isNdjson: false },
  { how: "NDJSON, 1,000 a request", batch: 1_000, isNdjson: true },
] as const;

/** No instance evaluates the stream meanwhile. */
export async function measureIngest(server: Server, options: IngestOptions): Promise<IngestRow[]> {
  const { rounds, seconds, connections, log } = options;
  const stream = await makeStream(server);
  const measured = kinds.map(({ how }) => ({ how, rounds: [] as IngestRound[] }));
  const { url, apiKey } = server;
  for (let round = 0; round <= rounds; round++) {
    for (const [at, { batch, isNdjson }] of kinds.entries()) {
      // Round 0 warms up and does not count.
      const load: PostLoad = {
        url,
        apiKey,
        stream,
        batch,
        isNdjson,
        keys: 200,
        connections,
        seconds: round === 0 ? 2 : seconds,
      };
      const before = server.processorSeconds();
      const posted = await runChild<Posted>("post-load.ts", load);
      const processorMicroseconds = (1e6 * (server.processorSeconds() - before)) / posted.points;
      if (round > 0) measured[at]!.rounds.push({ ...posted, processorMicroseconds });
    }
  }
  log(
    measured
      .map(
        ({ how, rounds: all }) =>
          `${how}: ${all.map((one) => (one.points / one.seconds).toFixed(0)).join(" ")}/s, ${all.map((one) => one.processorMicroseconds.toFixed(1)).join(" ")} µs`,
      )
      .join("; "),
  );
  return measured;
}
