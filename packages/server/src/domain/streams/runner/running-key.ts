import type { ChangeState } from "../evaluation/changes.ts";
import { decodeChangeState, encodeChangeState, newChangeState, pruneResults } from "../evaluation/changes.ts";
import type { EngineCalls } from "../evaluation/engine-calls.ts";
import { type Emission, KeyEvaluation } from "../evaluation/key-evaluation.ts";
import { ByteReader, ByteWriter } from "../windows/bytes.ts";
import { hasPendingWindows } from "../windows/flush.ts";
import { isAsAtFirst, type KeyState, newKeyState } from "../windows/key-state.ts";
import type { Outcome } from "../windows/outcomes.ts";
import { decodeKeyState, encodeKeyState } from "../windows/state-codec.ts";
import type { KnownDefinitions } from "../windows/versions.ts";
import type { KeyName, SavedKey } from "./ports.ts";

/** Of a key of which nothing has been saved yet. */
const ASSUMED_BYTES = 4_096;

/** What there is to write of a key at a checkpoint: null: the key has ended. */
export type KeyCheckpoint = KeyName & { readonly saved: SavedKey | null };

/** A key in memory: the state of its windows, which consuming changes at once, and its evaluation, which comes after. */
export class RunningKey {
  readonly name: KeyName;
  readonly projectId: string;
  readonly state: KeyState;
  readonly #evaluation: KeyEvaluation;
  /** It is another than what was saved. */
  isDirty = false;
  /** By this process's clock. */
  lastRecordAtMs: number;
  /** Outcomes that have not been emitted yet. */
  unfinished = 0;
  /** As it was saved last. */
  bytes = ASSUMED_BYTES;

  constructor(
    name: KeyName,
    projectId: string,
    saved: Uint8Array | null,
    calls: EngineCalls,
    emit: (emission: Emission) => void,
  ) {
    this.name = name;
    this.projectId = projectId;
    const [state, changes] = saved === null ? [newKeyState(), newChangeState()] : decodeSavedState(saved);
    this.state = state;
    if (saved !== null) this.bytes = saved.length;
    this.lastRecordAtMs = Date.now();
    this.#evaluation = new KeyEvaluation(calls, changes, emit);
  }

  get isIdle(): boolean {
    return !this.isDirty && this.unfinished === 0 && this.state.waiting.length === 0;
  }

  /** Resolves when the outcomes of a record have been emitted. @throws the reason for which the calls end */
  async evaluate(outcomes: readonly Outcome[]): Promise<void> {
    this.isDirty = true;
    if (outcomes.length === 0) return;
    this.unfinished += outcomes.length;
    await this.#evaluation.push(outcomes);
    this.unfinished -= outcomes.length;
  }

  /**
   * The key as it is now, once everything that it has brought about so far has been emitted; what comes meanwhile is not in it.
   * @throws the reason for which the calls end
   */
  async checkpoint(known: KnownDefinitions): Promise<KeyCheckpoint> {
    this.isDirty = false;
    const { state, projectId, name } = this;
    if (isAsAtFirst(state)) {
      await this.#evaluation.mark(() => undefined);
      return { ...name, saved: null };
    }
    const windows = encodeKeyState(state);
    const open = state.windows.map(({ seq }) => seq);
    const rest = { version: state.version, lastSeq: state.lastSeq, isWaiting: state.waiting.length > 0 };
    const due = this.due(known);
    const changes = await this.#evaluation.mark((present) => {
      pruneResults(present, open);
      return encodeChangeState(present);
    });
    const saved = encodeSavedState(windows, changes);
    this.bytes = saved.length;
    return { ...name, saved: { ...name, projectId, ...rest, ...due, state: saved } };
  }

  /** When a flush is to be written, and which. */
  due(known: KnownDefinitions): Pick<SavedKey, "flushAtMs" | "forgets"> {
    const { state } = this;
    const definition = known.of(this.name.streamId, state.version);
    if (typeof definition === "string") return { flushAtMs: null, forgets: false };
    const { idle_timeout_ms: idleMs, key_ttl_ms: ttlMs } = definition;
    const isIdle = hasPendingWindows(state, definition) && idleMs < ttlMs;
    return { flushAtMs: this.lastRecordAtMs + (isIdle ? idleMs : ttlMs), forgets: !isIdle };
  }
}

function encodeSavedState(windows: Uint8Array, changes: Uint8Array): Uint8Array {
  const writer = new ByteWriter(windows.length + changes.length + 8);
  writer.bytes(windows);
  writer.bytes(changes);
  return writer.done();
}

/** @throws RangeError when the bytes are no state, or one of a later layout. */
function decodeSavedState(bytes: Uint8Array): [KeyState, ChangeState] {
  const reader = new ByteReader(bytes);
  const windows = decodeKeyState(reader.bytes());
  const changes = decodeChangeState(reader.bytes());
  reader.end();
  return [windows, changes];
}
