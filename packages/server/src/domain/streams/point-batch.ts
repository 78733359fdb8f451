import { hash } from "node:crypto";
import type { StreamEvent, StreamPoint } from "@tda-platform/contract/events/stream-event";
import { STREAM_KEY_CHARACTERS, STREAM_REQUEST_POINTS } from "@tda-platform/contract/limits";
import type { StreamAccepted } from "@tda-platform/contract/streams";
import { ProblemError } from "../problem.ts";

/** Years 1 to 9998: whatever window a point is in, its times have four digits for the year. */
const EARLIEST_MS = -62_135_596_800_000;
const LATEST_MS = 253_370_764_800_000;

/** Of one record: the points of a key that are judged, and are stored, together. */
const RECORD_POINTS = 4_096;
const RECORD_BYTES = 1_048_576;
/** Batches that a key remembers (stream semantics): more parts could not be told apart when they come again. */
const PARTS_OF_KEY = 128;
const BODY_HASH_BYTES = 16;
const POINT_OVERHEAD_BYTES = 24;
const FIELDS: ReadonlySet<string> = new Set(["t", "v", "key"]);

export interface QuarantinedPoint extends StreamPoint {
  readonly key: string;
}

/** The points of a request: judged one after the other, and kept by key. Nothing of a wrong one is kept. */
export class PointBatch {
  readonly #dimension: number;
  readonly #latestMs: number;
  readonly #byKey = new Map<string, StreamPoint[]>();
  readonly #rejected: StreamAccepted["rejected"] = [];
  readonly #quarantined: QuarantinedPoint[] = [];
  #seen = 0;
  #accepted = 0;

  /** @param latestMs Points after this time are too far ahead of the clock. */
  constructor(dimension: number, latestMs: number) {
    this.#dimension = dimension;
    this.#latestMs = latestMs;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get rejected(): StreamAccepted["rejected"] {
    return this.#rejected;
  }

  /** Those too far ahead of the clock; they are among the rejected ones too. */
  get quarantined(): readonly QuarantinedPoint[] {
    return this.#quarantined;
  }

  get keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  /** Takes the next point. @throws ProblemError when there are too many. */
  add(value: unknown): void {
    const index = this.#next();
    const wrong = this.#takes(value, index);
    if (wrong !== null) this.#rejected.push({ index, detail: wrong });
  }

  /** There was something else in place of the next point. @throws ProblemError when there are too many. */
  reject(detail: string): void {
    this.#rejected.push({ index: this.#next(), detail });
  }

  /**
   * Records of the points, by key, each key's in the order of the request.
   * @throws ProblemError when one key's points take more records than are told apart.
   */
  events(
    head: Pick<StreamEvent, "project_id" | "stream_id" | "definition_version" | "received_at" | "batch_id">,
  ): StreamEvent[] {
    const size = Math.floor(RECORD_BYTES / (8 * this.#dimension + POINT_OVERHEAD_BYTES));
    const pointsOfRecord = Math.max(1, Math.min(RECORD_POINTS, size));
    const events: StreamEvent[] = [];
    for (const [key, points] of this.#byKey) {
      if (points.length > PARTS_OF_KEY * pointsOfRecord) {
        const detail = `A request may have ${PARTS_OF_KEY * pointsOfRecord} points of this dimension of one key.`;
        throw new ProblemError("stream_batch_too_large", detail);
      }
      for (let from = 0, part = 0; from < points.length; from += pointsOfRecord, part++) {
        const own = points.length <= pointsOfRecord ? points : points.slice(from, from + pointsOfRecord);
        const content = { key, kind: "points", batch_part: part, body_hash: hashOf(own, this.#dimension) } as const;
        events.push({ ...head, ...content, points: own, last_seq: null, forget: false });
      }
    }
    return events;
  }

  #next(): number {
    if (this.#seen === STREAM_REQUEST_POINTS) {
      throw new ProblemError("stream_batch_too_large", `A request may have ${STREAM_REQUEST_POINTS} points.`);
    }
    return this.#seen++;
  }

  /** What is wrong with the point; null: nothing, and it is taken. */
  #takes(value: unknown, index: number): string | null {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "A point is an object.";
    for (const name in value) if (!FIELDS.has(name)) return `${JSON.stringify(name)} is no field of a point.`;
    const { t, v, key: given } = value as { t?: unknown; v?: unknown; key?: unknown };
    if (!Number.isSafeInteger(t)) return "t must be a whole number of milliseconds.";
    const time = t as number;
    if (time < EARLIEST_MS || time > LATEST_MS) return "t must be in the years 1 to 9998.";
    if (!Array.isArray(v) || v.length !== this.#dimension) return `v must be ${this.#dimension} numbers.`;
    for (let i = 0; i < v.length; i++) if (!Number.isFinite(v[i])) return `v[${i}] must be a finite number.`;
    const key = given ?? "";
    const wrong = wrongKey(key);
    if (wrong !== null) return wrong;
    const point = { index, t: time, v: v as number[] };
    if (time > this.#latestMs) {
      this.#quarantined.push({ key: key as string, ...point });
      return "t is too far ahead of the server's clock: the point is quarantined.";
    }
    const points = this.#byKey.get(key as string);
    if (points === undefined) this.#byKey.set(key as string, [point]);
    else points.push(point);
    this.#accepted++;
    return null;
  }
}

/** What is wrong with a key; null: nothing. */
function wrongKey(key: unknown): string | null {
  if (typeof key !== "string") return "key must be a string.";
  if (key.length > STREAM_KEY_CHARACTERS) return `key may have ${STREAM_KEY_CHARACTERS} characters.`;
  if (key.includes("\0") || !key.isWellFormed()) return "key must be text, without U+0000.";
  return null;
}

/** First bytes of the SHA-256 of index, t and v of each point, as little-endian float64. */
function hashOf(points: readonly StreamPoint[], dimension: number): Uint8Array {
  const numbers = new Float64Array(points.length * (dimension + 2));
  let at = 0;
  for (const { index, t, v } of points) {
    numbers[at++] = index;
    numbers[at++] = t;
    for (let i = 0; i < dimension; i++) numbers[at++] = v[i]!;
  }
  return hash("sha256", numbers, "buffer").subarray(0, BODY_HASH_BYTES);
}
