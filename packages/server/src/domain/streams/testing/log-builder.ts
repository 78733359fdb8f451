import { createHash } from "node:crypto";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import type { VectorRecord } from "./vector.ts";

export const STREAM_ID = "str_golden";
const PROJECT_ID = "prj_golden";

/** Tumbling windows of a second over numbers, in dimension 0, without patience; a case says what is other in it. */
const PLAIN: StreamDefinition = {
  project_id: PROJECT_ID,
  stream_id: STREAM_ID,
  version: 1,
  name: "golden",
  point_dimension: 1,
  window_type: "tumbling",
  size_ms: 1000,
  slide_ms: 1000,
  gap_ms: 0,
  count: 0,
  out_of_orderness_ms: 0,
  allowed_lateness_ms: 0,
  max_revisions: 0,
  idle_timeout_ms: 5000,
  key_ttl_ms: 3_600_000,
  embedding_type: "none",
  embedding_dimension: 1,
  embedding_delay: 1,
  embedding_skip: 1,
  max_dimension: 0,
  threshold: null,
  max_points_per_window: 100,
  max_held_points: 1000,
  max_engine_bytes: 16_777_216,
  outputs: ["diagrams"],
  change_distance: "bottleneck",
  change_p: 1,
  change_dimensions: [0],
  change_history: 16,
  alerts: [],
};

export function definition(fields: Partial<StreamDefinition> = {}): StreamDefinition {
  return { ...PLAIN, ...fields };
}

export function sliding(size: number, slide: number, fields: Partial<StreamDefinition> = {}): StreamDefinition {
  return definition({ window_type: "sliding", size_ms: size, slide_ms: slide, ...fields });
}

export function session(gap: number, fields: Partial<StreamDefinition> = {}): StreamDefinition {
  return definition({ window_type: "session", size_ms: 0, slide_ms: 0, gap_ms: gap, ...fields });
}

export function counting(count: number, fields: Partial<StreamDefinition> = {}): StreamDefinition {
  return definition({ window_type: "count", size_ms: 0, slide_ms: 0, count, ...fields });
}

/** A time, and coordinates: 0 unless given. */
export type PointOf = number | readonly [t: number, ...v: number[]];

export interface RecordFields {
  readonly key?: string;
  readonly version?: number;
  readonly batchId?: string;
  readonly part?: number;
  /** What the hash of the body is made from; its offset unless given. */
  readonly body?: string;
}

/** Records one after the other, received a second apart. */
export class LogBuilder {
  readonly records: VectorRecord[] = [];
  readonly #partition: number;

  constructor(partition = 3) {
    this.#partition = partition;
  }

  points(points: readonly PointOf[], { batchId, part = 0, body, ...fields }: RecordFields = {}): this {
    const offset = this.records.length;
    return this.#append({
      ...fields,
      kind: "points",
      batch_id: batchId ?? `bat_${offset}`,
      batch_part: part,
      body_hash: createHash("sha256")
        .update(body ?? String(offset))
        .digest()
        .subarray(0, 16),
      points: points.map((point, index) => {
        const [t, ...v] = typeof point === "number" ? [point, 0] : point;
        return { index, t, v };
      }),
    });
  }

  flush(
    lastSeq: number | null,
    { forget = false, ...fields }: RecordFields & { readonly forget?: boolean } = {},
  ): this {
    return this.#append({ ...fields, kind: "flush", last_seq: lastSeq, forget });
  }

  #append({ key = "k", version = 1, ...fields }: RecordFields & Partial<StreamEvent>): this {
    const offset = this.records.length;
    const event: StreamEvent = {
      project_id: PROJECT_ID,
      stream_id: STREAM_ID,
      key,
      definition_version: version,
      received_at: 1_760_000_000_000 + 1000 * offset,
      kind: "points",
      batch_id: "",
      batch_part: 0,
      body_hash: new Uint8Array(0),
      points: [],
      last_seq: null,
      forget: false,
      ...fields,
    };
    this.records.push({ partition: this.#partition, offset, event });
    return this;
  }
}
