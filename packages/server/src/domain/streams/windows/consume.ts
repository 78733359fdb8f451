import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import type { LogPosition } from "../../log/event-log.ts";
import { meetBatch } from "./batches.ts";
import { flush } from "./flush.ts";
import { consumePoint } from "./judging.ts";
import { endState, type KeyState, type WaitingRecord, waitingPoints } from "./key-state.ts";
import { type Outcome, type RecordOrigin, rejectPoint } from "./outcomes.ts";
import { beginVersion, type KnownDefinitions } from "./versions.ts";

/** Points of a key that may wait for a definition. */
export const MAX_WAITING_POINTS = 10_000;

/**
 * Consumes a record of the key that the state is of, and changes the state. What the record brings about comes back in order; firings are still
 * to be evaluated. No clock and no I/O: equal records and definitions give equal outcomes.
 */
export function consume(
  state: KeyState,
  known: KnownDefinitions,
  event: StreamEvent,
  position: LogPosition,
): Outcome[] {
  const outcomes = resume(state, known);
  const readiness = state.waiting.length > 0 ? "unknown" : readinessOf(state, known, event);
  consumeIfReady(state, readiness, event, position, outcomes);
  return outcomes;
}

/** Consumes the records that waited and need to wait no more: to be called when definitions have come. */
export function resume(state: KeyState, known: KnownDefinitions): Outcome[] {
  const outcomes: Outcome[] = [];
  const { waiting } = state;
  for (let done = 0; done < waiting.length; done++) {
    const { event, position } = waiting[done] as WaitingRecord;
    const readiness = readinessOf(state, known, event);
    if (readiness === "unknown") return outcomes;
    // Before it is consumed: a flush that ends the state ends what is before it.
    state.waiting = waiting.slice(done + 1);
    const later = state.waiting;
    consumeIfReady(state, readiness, event, position, outcomes);
    if (readiness === "deleted") return outcomes;
    state.waiting = later;
  }
  return outcomes;
}

interface Definitions {
  /** Of the state's version; null: it has none. */
  readonly present: StreamDefinition | null;
  /** Of the record's version. */
  readonly own: StreamDefinition;
}

/** A state that another runner has saved may be of a version that is not known here yet. */
function readinessOf(
  state: KeyState,
  known: KnownDefinitions,
  event: StreamEvent,
): Definitions | "unknown" | "deleted" {
  const own = known.of(event.stream_id, event.definition_version);
  if (own === "deleted" || own === "unknown") return own;
  if (state.version === 0) return { present: null, own };
  const present = own.version === state.version ? own : known.of(event.stream_id, state.version);
  return present === "deleted" || present === "unknown" ? present : { present, own };
}

function consumeIfReady(
  state: KeyState,
  readiness: Definitions | "unknown" | "deleted",
  event: StreamEvent,
  position: LogPosition,
  outcomes: Outcome[],
): void {
  if (readiness === "deleted") end(state, outcomes);
  else if (readiness === "unknown") wait(state, event, position, outcomes);
  else consumeKnown(state, readiness, event, position, outcomes);
}

/** Nothing is kept of a deleted stream, and nothing more comes of it. */
function end(state: KeyState, outcomes: Outcome[]): void {
  endState(state);
  outcomes.push({ kind: "renewal" });
}

function wait(state: KeyState, event: StreamEvent, position: LogPosition, outcomes: Outcome[]): void {
  const room = MAX_WAITING_POINTS - waitingPoints(state);
  const kept = event.points.length <= room ? event : { ...event, points: event.points.slice(0, room) };
  if (kept === event || kept.points.length > 0) state.waiting.push({ event: kept, position });
  const origin = originOf(event, position, event.definition_version);
  for (const point of event.points.slice(kept.points.length)) {
    outcomes.push(rejectPoint(origin, point, "definition_unknown"));
  }
}

function consumeKnown(
  state: KeyState,
  { present, own }: Definitions,
  event: StreamEvent,
  position: LogPosition,
  outcomes: Outcome[],
): void {
  let definition = own;
  if (present === null || own.version > present.version) {
    beginVersion(state, present, own, originOf(event, position, own.version), outcomes);
  } else {
    definition = present;
  }
  const origin = originOf(event, position, definition.version);
  if (event.kind === "flush") consumeFlush(state, definition, origin, event, outcomes);
  else consumePoints(state, definition, origin, event, outcomes);
}

function consumeFlush(
  state: KeyState,
  definition: StreamDefinition,
  origin: RecordOrigin,
  { last_seq: lastSeq, forget }: StreamEvent,
  outcomes: Outcome[],
): void {
  if (lastSeq !== null && lastSeq !== state.lastSeq) return;
  flush(state, definition, origin, outcomes);
  if (forget) end(state, outcomes);
}

function consumePoints(
  state: KeyState,
  definition: StreamDefinition,
  origin: RecordOrigin,
  event: StreamEvent,
  outcomes: Outcome[],
): void {
  const meeting = meetBatch(state.batches, event);
  if (meeting === "repeated") return;
  for (const point of event.points) {
    if (meeting === "conflict") outcomes.push(rejectPoint(origin, point, "batch_conflict"));
    else consumePoint(state, definition, origin, point, outcomes);
  }
}

function originOf(event: StreamEvent, position: LogPosition, definitionVersion: number): RecordOrigin {
  return {
    projectId: event.project_id,
    streamId: event.stream_id,
    key: event.key,
    definitionVersion,
    receivedAt: event.received_at,
    position,
  };
}
