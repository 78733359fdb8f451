import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import type { KnownDefinitions } from "../windows/versions.ts";

export interface VectorRecord {
  readonly partition: number;
  readonly offset: number;
  readonly event: StreamEvent;
}

/** A log: records of any number of keys, and when definitions become known and streams are deleted. */
export interface StreamLog {
  readonly definitions: readonly StreamDefinition[];
  /** By definition: how many records are consumed before it is known. Not given: all are known from the start. */
  readonly definitionsKnownAfter?: readonly number[];
  /** Stream id, and how many records are consumed before it is deleted. */
  readonly deletedAfter?: Readonly<Record<string, number>>;
  readonly records: readonly VectorRecord[];
}

/** streaming/golden/README.md. Bytes are hexadecimal, numbers that JSON has no name for are strings. */
export interface VectorFile {
  readonly summary: string;
  readonly definitions: readonly unknown[];
  readonly definitions_known_after?: readonly number[];
  readonly deleted_after?: Readonly<Record<string, number>>;
  readonly records: readonly { readonly partition: number; readonly offset: number; readonly event: unknown }[];
  readonly results: readonly string[];
  readonly rejected: readonly string[];
  readonly readable?: unknown;
}

/** What is known after so many records. */
export class DefinitionsOfLog implements KnownDefinitions {
  readonly #log: StreamLog;
  consumed = 0;

  constructor(log: StreamLog) {
    this.#log = log;
  }

  of(streamId: string, version: number): StreamDefinition | "unknown" | "deleted" {
    const { definitions, definitionsKnownAfter, deletedAfter } = this.#log;
    if ((deletedAfter?.[streamId] ?? Number.POSITIVE_INFINITY) <= this.consumed) return "deleted";
    const place = definitions.findIndex((one) => one.stream_id === streamId && one.version === version);
    if (place < 0 || (definitionsKnownAfter?.[place] ?? 0) > this.consumed) return "unknown";
    return definitions[place] as StreamDefinition;
  }

  /** Whether something became known just now. */
  get hasNews(): boolean {
    const { definitionsKnownAfter, deletedAfter } = this.#log;
    return [...(definitionsKnownAfter ?? []), ...Object.values(deletedAfter ?? {})].includes(this.consumed);
  }
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const NAMED = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, "-Infinity": Number.NEGATIVE_INFINITY };

/** As it is written to a file. */
export function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toPlain(field)]));
}

export function eventFromPlain(plain: unknown): StreamEvent {
  const event = plain as Omit<StreamEvent, "body_hash"> & { readonly body_hash: string };
  const points = event.points.map(({ index, t, v }) => ({
    ...{ index, t },
    v: v.map((number) => (typeof number === "string" ? NAMED[number as keyof typeof NAMED] : number)),
  }));
  return { ...event, body_hash: Buffer.from(event.body_hash, "hex"), points };
}

export function logOf(file: VectorFile): StreamLog {
  return {
    definitions: file.definitions as readonly StreamDefinition[],
    ...(file.definitions_known_after === undefined ? {} : { definitionsKnownAfter: file.definitions_known_after }),
    ...(file.deleted_after === undefined ? {} : { deletedAfter: file.deleted_after }),
    records: file.records.map(({ partition, offset, event }) => ({ partition, offset, event: eventFromPlain(event) })),
  };
}

export function fileOf(
  log: StreamLog,
  { summary, results, rejected, readable }: Pick<VectorFile, "summary" | "results" | "rejected" | "readable">,
): VectorFile {
  return {
    summary,
    definitions: log.definitions.map(toPlain),
    ...(log.definitionsKnownAfter === undefined ? {} : { definitions_known_after: log.definitionsKnownAfter }),
    ...(log.deletedAfter === undefined ? {} : { deleted_after: log.deletedAfter }),
    records: log.records.map(({ partition, offset, event }) => ({ partition, offset, event: toPlain(event) })),
    results,
    rejected,
    ...(readable === undefined ? {} : { readable: toPlain(readable) }),
  };
}
