import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { flush } from "./flush.ts";
import type { KeyState } from "./key-state.ts";
import type { Outcome, RecordOrigin } from "./outcomes.ts";
import { PointStore } from "./point-store.ts";

/** What is known of streams' definitions now. */
export interface KnownDefinitions {
  /** `unknown`: not yet; `deleted`: the stream has ended, and nothing of it is kept. */
  of(streamId: string, version: number): StreamDefinition | "unknown" | "deleted";
}

/** Closes the key under its version, and begins the next one. */
export function beginVersion(
  state: KeyState,
  old: StreamDefinition | null,
  next: StreamDefinition,
  origin: RecordOrigin,
  outcomes: Outcome[],
): void {
  if (old !== null) {
    flush(state, old, { ...origin, definitionVersion: old.version }, outcomes);
    outcomes.push({ kind: "renewal" });
  }
  state.version = next.version;
  state.watermark = Number.NEGATIVE_INFINITY;
  state.maxT = Number.NEGATIVE_INFINITY;
  state.windows = [];
  state.points = new PointStore(next.point_dimension, 0);
}
