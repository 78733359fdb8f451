import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import type { ByteRange } from "./blob-store.ts";
import { ALGORITHM, DataCorrupt, NONCE_BYTES, TAG_BYTES } from "./keyring.ts";

/**
 * An object at rest is a sequence of frames: nonce, ciphertext of 1 MiB (the last: less), tag. Each is authenticated with
 * the object's name, its number and whether it is the last, so that a frame that is changed, moved, left out, taken from
 * another object or followed by less than there was fails (the STREAM construction: Hoang, Reyhanitabar, Rogaway,
 * Vizár 2015). 1 MiB: 28 bytes of overhead are nothing, and a frame is sealed in less than a millisecond.
 */
export const FRAME_BYTES = 1_048_576;
export const FRAME_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;
const STORED_FRAME_BYTES = FRAME_BYTES + FRAME_OVERHEAD_BYTES;

/** How many frames an object of so many bytes has: an empty one has one. */
export function frameCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / FRAME_BYTES));
}

/** Stored bytes of an object of so many bytes. */
export function storedBytes(bytes: number): number {
  return bytes + frameCount(bytes) * FRAME_OVERHEAD_BYTES;
}

/** One frame as it is stored, in three pieces. */
export function sealFrame(
  key: KeyObject,
  object: string,
  number: number,
  isLast: boolean,
  plain: Uint8Array,
): readonly [nonce: Buffer, sealed: Buffer, tag: Buffer] {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(object, number, isLast));
  const sealed = cipher.update(plain);
  cipher.final();
  return [nonce, sealed, cipher.getAuthTag()];
}

/** The content of a stored frame, once it is known to be untouched. @throws DataCorrupt */
export function openFrame(key: KeyObject, object: string, number: number, isLast: boolean, stored: Uint8Array): Buffer {
  if (stored.length < FRAME_OVERHEAD_BYTES) throw new DataCorrupt("An object at rest is shorter than it was.");
  const decipher = createDecipheriv(ALGORITHM, key, stored.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(object, number, isLast));
  decipher.setAuthTag(stored.subarray(-TAG_BYTES));
  const plain = decipher.update(stored.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch (error) {
    plain.fill(0);
    throw new DataCorrupt("An object at rest was changed.", { cause: error });
  }
  return plain;
}

/** What to read of the stored object for a range of its content, and which frames that is. */
export interface FramePlan {
  readonly first: number;
  readonly last: number;
  readonly stored: ByteRange;
}

/** Frames that hold a range of an object of so many bytes; the range is inside of it, and not empty unless the object is. */
export function planFrames(bytes: number, range: ByteRange): FramePlan {
  const first = Math.floor(range.start / FRAME_BYTES);
  const last = Math.floor(Math.max(range.end - 1, 0) / FRAME_BYTES);
  const end = Math.min((last + 1) * STORED_FRAME_BYTES, storedBytes(bytes));
  return { first, last, stored: { start: first * STORED_FRAME_BYTES, end } };
}

/** Buffers of one frame each that are used again: made anew for each, a large object would leave more than the collector is in a hurry for. */
export class FrameBuffers {
  readonly #free: ArrayBuffer[] = [];

  take(): Buffer<ArrayBuffer> {
    const free = this.#free.pop();
    return free === undefined ? Buffer.allocUnsafeSlow(FRAME_BYTES) : Buffer.from(free);
  }

  /** What is not a frame's buffer is left to the collector. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === FRAME_BYTES && this.#free.length < 2) this.#free.push(buffer);
  }
}

/** Gathers pieces of any size into buffers of one frame, each owned by whoever gets it; the last is marked. */
export async function* gatherFrames(
  content: AsyncIterable<Uint8Array>,
  buffers: FrameBuffers,
): AsyncGenerator<{ readonly bytes: Buffer<ArrayBuffer>; readonly isLast: boolean }> {
  let frame = buffers.take();
  let filled = 0;
  for await (const piece of content) {
    for (let at = 0; at < piece.length; ) {
      // A full frame waits for one more byte: only then is it known not to be the last.
      if (filled === FRAME_BYTES) {
        yield { bytes: frame, isLast: false };
        frame = buffers.take();
        filled = 0;
      }
      const count = Math.min(piece.length - at, FRAME_BYTES - filled);
      frame.set(piece.subarray(at, at + count), filled);
      filled += count;
      at += count;
    }
  }
  yield { bytes: frame.subarray(0, filled), isLast: true };
}

/**
 * Opens the frames of a plan from the stored bytes as they come, each only when it is complete and verified, and cuts
 * them to the range. `bytes` is the length of the whole content. @throws DataCorrupt
 */
export async function* openFrames(
  key: KeyObject,
  object: string,
  bytes: number,
  range: ByteRange,
  stored: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const { first, last } = planFrames(bytes, range);
  const lastOfAll = frameCount(bytes) - 1;
  let number = first;
  for await (const frame of cutFrames(stored, bytes, first)) {
    const plain = openFrame(key, object, number, number === lastOfAll, frame);
    const offset = number * FRAME_BYTES;
    const part = plain.subarray(Math.max(range.start - offset, 0), range.end - offset);
    if (part.length > 0) yield part;
    number++;
  }
  if (number !== last + 1) throw new DataCorrupt("An object at rest is shorter than it was.");
}

/** Cuts stored bytes into frames; what comes after the last whole one is a shorter frame, if it is the object's last. */
async function* cutFrames(stored: AsyncIterable<Uint8Array>, bytes: number, first: number): AsyncGenerator<Uint8Array> {
  let number = first;
  let expected = storedFrameBytes(bytes, number);
  let frame = Buffer.allocUnsafe(expected);
  let filled = 0;
  for await (const piece of stored) {
    for (let at = 0; at < piece.length; ) {
      if (expected === 0) throw new DataCorrupt("An object at rest is longer than it was.");
      const count = Math.min(piece.length - at, expected - filled);
      frame.set(piece.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < expected) continue;
      yield frame;
      number++;
      expected = storedFrameBytes(bytes, number);
      if (expected !== frame.length) frame = Buffer.allocUnsafe(expected);
      filled = 0;
    }
  }
  if (filled > 0) throw new DataCorrupt("An object at rest is shorter than it was.");
}

/** 0 beyond the last. */
function storedFrameBytes(bytes: number, number: number): number {
  if (number >= frameCount(bytes)) return 0;
  return Math.min(bytes - number * FRAME_BYTES, FRAME_BYTES) + FRAME_OVERHEAD_BYTES;
}

function associatedData(object: string, number: number, isLast: boolean): Buffer {
  return Buffer.from(`tda-frame/1\n${object}\n${number}\n${isLast ? "last" : "more"}`);
}
