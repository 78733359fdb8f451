import type { IngestOptions } from "./ingest.ts";
import type { LatencyOptions } from "./latency.ts";

export interface BenchSettings {
  readonly rounds: number;
  /** Of a round through windows with the engine. */
  readonly points: number;
  readonly ingest: IngestOptions;
  readonly latency: LatencyOptions;
  /** Of a round of the producers, as fast as they go. */
  readonly records: number;
  readonly log: (line: string) => void;
}
