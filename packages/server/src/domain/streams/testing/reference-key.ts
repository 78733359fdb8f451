import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent, StreamPoint } from "@tda-platform/contract/events/stream-event";
import type { LogPosition } from "../../log/event-log.ts";
import type { KnownDefinitions } from "../windows/versions.ts";

/*
 * The specification (docs/reference/stream-semantics.md) sentence by sentence, for one key, as slowly as it reads: every list is searched
 * from end to end, every flag is kept, nothing is concluded from anything else.
 */

interface Held {
  readonly t: number;
  readonly v: readonly number[];
  readonly arrival: number;
}

interface Window {
  start: number;
  end: number;
  readonly seq: number;
  readonly openedAt: number;
  fired: number;
  isPending: boolean;
}

/** Outcomes in a form that can be compared. */
export type Told =
  | { readonly told: "firing"; readonly window: readonly (number | string)[]; readonly values: readonly number[] }
  | { readonly told: "retraction"; readonly window: readonly (number | string)[]; readonly by: number }
  | {
      readonly told: "rejection";
      readonly origin: string;
      readonly reason: string;
      readonly code: string;
      readonly version: number;
      readonly t: number | null;
    }
  | { readonly told: "renewal" };

interface Record {
  readonly event: StreamEvent;
  readonly position: LogPosition;
}

export class ReferenceKey {
  #version: number | null = null;
  #watermark = Number.NEGATIVE_INFINITY;
  #maxT = Number.NEGATIVE_INFINITY;
  #lastSeq = 0;
  #nextWindowSeq = 0;
  #batches: { id: string; part: number; hash: string }[] = [];
  #windows: Window[] = [];
  #points: Held[] = [];
  #arrivals = 0;
  #waiting: Record[] = [];
  #told: Told[] = [];

  consume(known: KnownDefinitions, event: StreamEvent, position: LogPosition): Told[] {
    this.#told = [];
    this.#consumeWaiting(known);
    if (this.#isDeleted(known, event)) this.#drop();
    else if (this.#waiting.length > 0 || this.#definition(known, event, event.definition_version) === null)
      this.#wait(event, position);
    else this.#consumeRecord(known, event, position);
    return this.#told;
  }

  resume(known: KnownDefinitions): Told[] {
    this.#told = [];
    this.#consumeWaiting(known);
    return this.#told;
  }

  #isDeleted(known: KnownDefinitions, event: StreamEvent): boolean {
    return known.of(event.stream_id, event.definition_version) === "deleted";
  }

  #definition(known: KnownDefinitions, { stream_id: streamId }: StreamEvent, version: number): StreamDefinition | null {
    const found = known.of(streamId, version);
    return typeof found === "string" ? null : found;
  }

  #consumeWaiting(known: KnownDefinitions): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      if (this.#isDeleted(known, next.event)) {
        this.#drop();
        return;
      }
      if (this.#definition(known, next.event, next.event.definition_version) === null) return;
      this.#waiting.shift();
      this.#consumeRecord(known, next.event, next.position);
    }
  }

  #wait(event: StreamEvent, position: LogPosition): void {
    const waiting = this.#waiting.flatMap((record) => record.event.points).length;
    const first = event.points.filter((_, i) => waiting + i < 10_000);
    if (event.kind === "flush" || first.length > 0)
      this.#waiting.push({ event: { ...event, points: first }, position });
    for (const point of event.points.filter((_, i) => waiting + i >= 10_000)) {
      this.#reject(position, point, "failed", "definition_unknown", event.definition_version);
    }
  }

  #consumeRecord(known: KnownDefinitions, event: StreamEvent, position: LogPosition): void {
    const own = this.#definition(known, event, event.definition_version) as StreamDefinition;
    if (this.#version === null || event.definition_version > this.#version) {
      if (this.#version !== null) {
        this.#flush(this.#definition(known, event, this.#version) as StreamDefinition);
        this.#told.push({ told: "renewal" });
      }
      this.#windows = [];
      this.#points = [];
      this.#watermark = Number.NEGATIVE_INFINITY;
      this.#maxT = Number.NEGATIVE_INFINITY;
      this.#version = own.version;
    }
    const definition = this.#definition(known, event, this.#version) as StreamDefinition;
    if (event.kind === "flush") {
      if (event.last_seq !== null && event.last_seq !== this.#lastSeq) return;
      this.#flush(definition);
      if (event.forget) this.#end();
      return;
    }
    const hash = Buffer.from(event.body_hash).toString("hex");
    const batch = this.#batches.find(({ id, part }) => id === event.batch_id && part === event.batch_part);
    if (batch !== undefined && batch.hash === hash) return;
    if (batch !== undefined) {
      for (const point of event.points) this.#reject(position, point, "failed", "batch_conflict", definition.version);
      return;
    }
    this.#batches.push({ id: event.batch_id, part: event.batch_part, hash });
    while (this.#batches.length > 128) this.#batches.shift();
    for (const point of event.points) this.#consumePoint(definition, event, position, point);
  }

  #consumePoint(definition: StreamDefinition, event: StreamEvent, position: LogPosition, point: StreamPoint): void {
    this.#lastSeq += 1;
    const refusal = this.#refusal(definition, point);
    if (refusal !== null) {
      this.#reject(position, point, ...refusal, definition.version);
      return;
    }
    const absorbed = this.#take(definition, event, point.t);
    for (const window of absorbed.filter(({ fired }) => fired > 0).sort((a, b) => a.seq - b.seq)) {
      this.#told.push({
        told: "retraction",
        window: this.#name(definition, window),
        by: this.#pendingSession(point.t).seq,
      });
    }
    this.#points.push({ t: point.t, v: point.v, arrival: this.#arrivals++ });
    this.#points.sort((a, b) => a.t - b.t || a.arrival - b.arrival);
    if (definition.window_type === "count") {
      if (this.#points.length === definition.count) this.#fireCount(definition);
      return;
    }
    this.#maxT = Math.max(this.#maxT, point.t);
    this.#watermark = Math.max(this.#watermark, this.#maxT - definition.out_of_orderness_ms);
    this.#fire(
      definition,
      this.#windows.filter(({ isPending, end }) => isPending && end <= this.#watermark),
    );
    this.#dropWhatIsOver(definition);
  }

  #refusal(definition: StreamDefinition, { t, v }: StreamPoint): [reason: string, code: string] | null {
    if (v.length !== definition.point_dimension) return ["poison", "invalid_point"];
    if (!v.every((x) => Number.isFinite(x))) return ["poison", "invalid_point"];
    const judged = this.#judge(definition, t);
    if (judged !== null) return ["late", judged];
    if (this.#points.length >= definition.max_held_points) return ["failed", "too_many_points"];
    return null;
  }

  /** Starts of the windows that contain t, ascending. */
  #starts({ size_ms: size, slide_ms: slide }: StreamDefinition, t: number): number[] {
    const starts: number[] = [];
    for (let n = Math.floor((t - size) / slide) - 1; n * slide <= t; n++) {
      if (n * slide <= t && t < n * slide + size) starts.push(n * slide);
    }
    return starts;
  }

  #joined({ gap_ms: gap }: StreamDefinition, t: number): Window[] {
    // `end` is last + gap.
    return this.#windows.filter(({ start: first, end }) => first - gap < t && t < end);
  }

  #judge(definition: StreamDefinition, t: number): string | null {
    const { allowed_lateness_ms: lateness, max_revisions: maxRevisions, size_ms: size, gap_ms: gap } = definition;
    if (definition.window_type === "count") return null;
    if (definition.window_type === "session") {
      const joined = this.#joined(definition, t);
      if (joined.length === 0) return t + gap + lateness <= this.#watermark ? "window_closed" : null;
      const lowest = joined.sort((a, b) => a.seq - b.seq)[0] as Window;
      return lowest.fired === maxRevisions + 1 ? "revisions_exhausted" : null;
    }
    const open = this.#starts(definition, t).filter((start) => start + size + lateness > this.#watermark);
    const final = open.filter((start) =>
      this.#windows.some((window) => window.start === start && window.fired === maxRevisions + 1),
    );
    if (open.length > final.length) return null;
    return final.length > 0 ? "revisions_exhausted" : "window_closed";
  }

  /** The sessions that another one has absorbed. */
  #take(definition: StreamDefinition, event: StreamEvent, t: number): Window[] {
    const open = (start: number, end: number): void => {
      this.#windows.push({
        start,
        end,
        seq: this.#nextWindowSeq++,
        openedAt: event.received_at,
        fired: 0,
        isPending: true,
      });
    };
    const { allowed_lateness_ms: lateness, max_revisions: maxRevisions, size_ms: size, gap_ms: gap } = definition;
    if (definition.window_type === "count") {
      const window = this.#windows[0];
      if (window === undefined) open(t, t);
      else [window.start, window.end] = [Math.min(window.start, t), Math.max(window.end, t)];
      return [];
    }
    if (definition.window_type === "session") {
      const joined = this.#joined(definition, t).sort((a, b) => a.seq - b.seq);
      const [lowest, ...absorbed] = joined;
      if (lowest === undefined) {
        open(t, t + gap);
        return [];
      }
      const before = absorbed.map((window) => ({ ...window }));
      lowest.start = Math.min(t, ...joined.map(({ start }) => start));
      lowest.end = Math.max(t + gap, ...joined.map(({ end }) => end));
      lowest.isPending = true;
      this.#windows = this.#windows.filter((window) => !absorbed.includes(window));
      return before;
    }
    for (const start of this.#starts(definition, t)) {
      if (start + size + lateness <= this.#watermark) continue;
      const window = this.#windows.find((one) => one.start === start);
      if (window === undefined) open(start, start + size);
      else if (window.fired <= maxRevisions) window.isPending = true;
    }
    return [];
  }

  #pendingSession(t: number): Window {
    return this.#windows.find(({ start, end, isPending }) => isPending && start <= t && t < end) as Window;
  }

  #fire(definition: StreamDefinition, windows: readonly Window[]): void {
    for (const window of [...windows].sort((a, b) => a.end - b.end || a.start - b.start || a.seq - b.seq)) {
      const content = this.#points.filter(({ t }) => window.start <= t && t < window.end);
      this.#told.push({
        told: "firing",
        window: this.#name(definition, window),
        values: content.flatMap(({ v }) => v),
      });
      window.fired += 1;
      window.isPending = false;
    }
  }

  #fireCount(definition: StreamDefinition): void {
    for (const window of this.#windows) {
      this.#told.push({
        told: "firing",
        window: this.#name(definition, window),
        values: this.#points.flatMap(({ v }) => v),
      });
    }
    this.#windows = [];
    this.#points = [];
  }

  #flush(definition: StreamDefinition): void {
    if (definition.window_type === "count") {
      this.#fireCount(definition);
      return;
    }
    const pending = this.#windows.filter(({ isPending }) => isPending);
    this.#fire(definition, pending);
    this.#watermark = Math.max(this.#watermark, ...pending.map(({ end }) => end));
    this.#dropWhatIsOver(definition);
  }

  #dropWhatIsOver(definition: StreamDefinition): void {
    const { allowed_lateness_ms: lateness, size_ms: size } = definition;
    const over = this.#windows.filter(({ end }) => end + lateness <= this.#watermark);
    this.#windows = this.#windows.filter((window) => !over.includes(window));
    this.#points = this.#points.filter(({ t }) => {
      if (definition.window_type === "session") return !over.some(({ start, end }) => start <= t && t < end);
      const last = Math.max(...this.#starts(definition, t));
      return last + size + lateness > this.#watermark;
    });
  }

  #end(): void {
    const waiting = this.#waiting;
    this.#drop();
    this.#waiting = waiting;
  }

  #drop(): void {
    this.#version = null;
    this.#watermark = Number.NEGATIVE_INFINITY;
    this.#maxT = Number.NEGATIVE_INFINITY;
    this.#lastSeq = 0;
    this.#nextWindowSeq = 0;
    this.#batches = [];
    this.#windows = [];
    this.#points = [];
    this.#waiting = [];
    this.#told.push({ told: "renewal" });
  }

  #name({ version }: StreamDefinition, { seq, fired, openedAt, start, end }: Window): (number | string)[] {
    return [`v${version}`, seq, fired, openedAt, start, end];
  }

  #reject({ partition, offset }: LogPosition, point: StreamPoint, reason: string, code: string, version: number): void {
    this.#told.push({
      told: "rejection",
      origin: `record:${partition}:${offset}:${point.index}`,
      reason,
      code,
      version,
      t: point.t,
    });
  }
}
