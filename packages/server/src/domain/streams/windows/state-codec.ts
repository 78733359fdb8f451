import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type KeyState, newKeyState } from "./key-state.ts";
import { PointStore } from "./point-store.ts";

/** First byte of a saved state. What has it is never changed; a new layout gets the next number, and this one is still read. */
const LAYOUT = 1;

export function encodeKeyState(state: KeyState): Uint8Array {
  const writer = new ByteWriter(256 + 8 * state.points.times.length * (1 + state.points.dimension));
  writer.byte(LAYOUT);
  for (const number of [state.version, state.watermark, state.maxT, state.lastSeq, state.nextWindowSeq]) {
    writer.number(number);
  }
  writer.list(state.batches, ({ id, part, hash }) => {
    writer.text(id);
    writer.number(part);
    writer.bytes(hash);
  });
  writer.list(state.windows, ({ start, end, seq, openedAt, fired }) => {
    for (const number of [start, end, seq, openedAt, fired]) writer.number(number);
  });
  writer.number(state.points.dimension);
  writer.numbers(state.points.times);
  writer.numbers(state.points.values);
  writer.list(state.waiting, ({ event, position }) => {
    writer.number(position.partition);
    writer.number(position.offset);
    writeEvent(writer, event);
  });
  return writer.done();
}

/** @throws RangeError when the bytes are no state, or one of a later layout. */
export function decodeKeyState(bytes: Uint8Array): KeyState {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== LAYOUT) throw new RangeError("The layout of the saved state is not known.");
  const state = newKeyState();
  state.version = reader.number();
  state.watermark = reader.number();
  state.maxT = reader.number();
  state.lastSeq = reader.number();
  state.nextWindowSeq = reader.number();
  state.batches = reader.list(() => ({ id: reader.text(), part: reader.number(), hash: reader.bytes() }));
  state.windows = reader.list(() => ({
    start: reader.number(),
    end: reader.number(),
    seq: reader.number(),
    openedAt: reader.number(),
    fired: reader.number(),
  }));
  state.points = PointStore.of(reader.number(), reader.numbers(), reader.numbers());
  state.waiting = reader.list(() => ({
    position: { partition: reader.number(), offset: reader.number() },
    event: readEvent(reader),
  }));
  reader.end();
  return state;
}

function writeEvent(writer: ByteWriter, event: StreamEvent): void {
  for (const text of [event.project_id, event.stream_id, event.key, event.batch_id]) writer.text(text);
  for (const number of [event.definition_version, event.received_at, event.batch_part]) writer.number(number);
  writer.byte(event.kind === "points" ? 0 : 1);
  writer.bytes(event.body_hash);
  writer.number(event.last_seq ?? -1);
  writer.byte(event.forget ? 1 : 0);
  writer.list(event.points, ({ index, t, v }) => {
    writer.number(index);
    writer.number(t);
    writer.numbers(v);
  });
}

function readEvent(reader: ByteReader): StreamEvent {
  const [project_id, stream_id, key, batch_id] = [reader.text(), reader.text(), reader.text(), reader.text()];
  const [definition_version, received_at, batch_part] = [reader.number(), reader.number(), reader.number()];
  const kind = reader.byte() === 0 ? "points" : "flush";
  const body_hash = reader.bytes();
  const lastSeq = reader.number();
  const forget = reader.byte() === 1;
  const points = reader.list(() => ({ index: reader.number(), t: reader.number(), v: Array.from(reader.numbers()) }));
  return {
    ...{ project_id, stream_id, key, definition_version, received_at, kind, batch_id, batch_part, body_hash },
    ...{ points, last_seq: lastSeq < 0 ? null : lastSeq, forget },
  };
}
