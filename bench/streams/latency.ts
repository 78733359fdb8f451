import type { Latencies, LatencyLoad } from "./latency-load.ts";
import { runChild } from "./run-child.ts";
import { makeStream, type Server } from "./stream-api.ts";

export interface LatencyRow {
  readonly how: string;
  readonly runner: string;
  readonly rounds: readonly Latencies[];
}

export interface LatencyOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly log: (line: string) => void;
}

const shapes = { sensors: "10 points of one key a request", gateway: "50 points of 50 keys a request" } as const;
const keys = 100;
export const LATENCY_RATE = 5_000;

/** 5,000 points a second of 100 keys, windows of 50 points: 100 results a second. */
export async function measureLatency(server: Server, runner: string, options: LatencyOptions): Promise<LatencyRow[]> {
  const rows: LatencyRow[] = [];
  // On a machine at its limit a key may wait longer than the usual 5 s, and a flush would end its window before its last point.
  const fields = { idle_timeout_ms: 60_000 };
  for (const shape of ["sensors", "gateway"] as const) {
    const rounds: Latencies[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const load: LatencyLoad = {
        ...{ url: server.url, apiKey: server.apiKey, stream: await makeStream(server, fields), shape, keys },
        pointsPerSecond: LATENCY_RATE,
        seconds: options.seconds,
        warmUpSeconds: round === 0 ? options.warmUpSeconds : 1,
      };
      const measured = await runChild<Latencies>("latency-load.ts", load);
      options.log(`latency, ${runner}, ${shape}: ${JSON.stringify(measured)}`);
      rounds.push(measured);
    }
    rows.push({ how: shapes[shape], runner, rounds });
  }
  return rows;
}
