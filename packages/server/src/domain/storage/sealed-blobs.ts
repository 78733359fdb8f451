import type { KeyObject } from "node:crypto";
import { type BlobName, type BlobStore, type ByteRange, blobPath } from "./blob-store.ts";
import { FrameBuffers, gatherFrames, openFrames, planFrames, sealFrame, storedBytes } from "./frames.ts";
import type { Keyring, WrappedKey } from "./keyring.ts";

/** An object in the store and what is needed to read it. */
export interface SealedBlob extends BlobName {
  readonly key: WrappedKey;
  /** Of the content. */
  readonly bytes: number;
}

/** A data key made for one object, before anything of it is written. */
export interface BlobKey {
  readonly dataKey: KeyObject;
  readonly wrapped: WrappedKey;
}

/** Looks at the content as it passes. The frame is its own until it gives the buffer back. What it throws ends the write. */
export type FrameWatcher = (
  frame: Buffer<ArrayBuffer>,
  giveBack: (buffer: ArrayBuffer) => void,
) => Promise<void> | void;

const watchNothing: FrameWatcher = (frame, giveBack) => giveBack(frame.buffer);

/** The blob store with encryption: what leaves this class for the store is ciphertext, what comes back is verified. */
export class SealedBlobs {
  readonly #store: BlobStore;
  readonly #keyring: Keyring;

  constructor(store: BlobStore, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  newKey(name: BlobName): BlobKey {
    return this.#keyring.newDataKey(purposeOf(name));
  }

  /** The key under the current master key; the same object when it already is. @throws MasterKeyMissing, DataCorrupt */
  rewrapKey(name: BlobName, wrapped: WrappedKey): WrappedKey {
    return this.#keyring.rewrap(wrapped, purposeOf(name));
  }

  /**
   * Seals and stores content of unknown length; durable when it resolves with the length of content. `watch` gets every
   * frame after it is sealed and is waited for, so that it sets the pace.
   */
  async write(
    name: BlobName,
    { dataKey }: BlobKey,
    content: AsyncIterable<Uint8Array>,
    watch: FrameWatcher = watchNothing,
  ): Promise<number> {
    let bytes = 0;
    async function* sealed(): AsyncGenerator<Uint8Array> {
      const object = blobPath(name);
      const buffers = new FrameBuffers();
      const giveBack = (buffer: ArrayBuffer) => buffers.give(buffer);
      let number = 0;
      for await (const frame of gatherFrames(content, buffers)) {
        const stored = sealFrame(dataKey, object, number, frame.isLast, frame.bytes);
        bytes += frame.bytes.length;
        number++;
        // The last frame is let out only after the watcher has seen it: what it refuses is never complete.
        const seen = watch(frame.bytes, giveBack);
        if (seen !== undefined) await seen;
        yield* stored;
      }
    }
    const stored = await this.#store.put(name, sealed());
    if (stored !== storedBytes(bytes)) throw new Error("the store kept another number of bytes than it was given");
    return bytes;
  }

  /** The content or a part of it; only the frames that hold it are read. @throws DataCorrupt, BlobMissing, MasterKeyMissing */
  read(blob: SealedBlob, range: ByteRange = { start: 0, end: blob.bytes }): AsyncIterable<Uint8Array> {
    const key = this.#keyring.unwrap(blob.key, purposeOf(blob));
    const { stored } = planFrames(blob.bytes, range);
    return openFrames(key, blobPath(blob), blob.bytes, range, this.#store.get(blob, stored));
  }

  async delete(name: BlobName): Promise<void> {
    await this.#store.delete(name);
  }
}

/** The content of a whole object from its stored bytes, wherever they are. @throws DataCorrupt, MasterKeyMissing */
export function openStored(
  keyring: Keyring,
  blob: SealedBlob,
  stored: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const key = keyring.unwrap(blob.key, purposeOf(blob));
  return openFrames(key, blobPath(blob), blob.bytes, { start: 0, end: blob.bytes }, stored);
}

function purposeOf(name: BlobName): string {
  return `blob\n${blobPath(name)}`;
}
