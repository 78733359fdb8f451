import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import type { LogPosition } from "../../log/event-log.ts";
import type { Batch } from "./batches.ts";
import { PointStore } from "./point-store.ts";

/**
 * A window that a point has opened. Times are whole milliseconds. Between two points those of a time (not count) kind that are pending, which
 * means to fire, are exactly the ones whose end is above the watermark: nothing else says so.
 */
export interface OpenWindow {
  /** Of a session its first point, of a count window the least time. */
  start: number;
  /** Of a session its last point and the gap, of a count window the greatest time. */
  end: number;
  readonly seq: number;
  readonly openedAt: number;
  /** How often it has fired: its next revision. */
  fired: number;
}

/** A record whose definition is not known yet. */
export interface WaitingRecord {
  readonly event: StreamEvent;
  readonly position: LogPosition;
}

/** What the log has made of a (stream, key) so far: docs/reference/stream-semantics.md. Diagrams and distances are `ChangeState`. */
export interface KeyState {
  /** 0: none yet. */
  version: number;
  watermark: number;
  maxT: number;
  lastSeq: number;
  nextWindowSeq: number;
  /** From the oldest to the newest. */
  batches: Batch[];
  /** By start, and so by end: sessions lie apart, and other windows are of one size. */
  windows: OpenWindow[];
  points: PointStore;
  waiting: WaitingRecord[];
}

export function newKeyState(): KeyState {
  return {
    version: 0,
    watermark: Number.NEGATIVE_INFINITY,
    maxT: Number.NEGATIVE_INFINITY,
    lastSeq: 0,
    nextWindowSeq: 0,
    batches: [],
    windows: [],
    points: new PointStore(1, 0),
    waiting: [],
  };
}

/** Whether there is nothing to keep of the key. */
export function isAsAtFirst({ version, waiting }: KeyState): boolean {
  return version === 0 && waiting.length === 0;
}

/** The state ends: everything is as at first. */
export function endState(state: KeyState): void {
  Object.assign(state, newKeyState());
}

/** How many points wait. */
export function waitingPoints({ waiting }: KeyState): number {
  return waiting.reduce((sum, { event }) => sum + event.points.length, 0);
}
