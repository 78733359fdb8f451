import { newId } from "../../internal/ids.ts";
import { type BlobName, StorageFull } from "../storage/blob-store.ts";
import { FRAME_BYTES } from "../storage/frames.ts";
import type { FrameWatcher, SealedBlob, SealedBlobs } from "../storage/sealed-blobs.ts";
import { type DiskSpace, insufficientStorage } from "./disk-space.ts";
import type { BlobRecords } from "./ports.ts";

/** While content arrives its blob's record says so this often; one of which nothing is heard for much longer is swept. */
const TOUCH_MS = 60_000;
export const STALE_SECONDS = 15 * 60;

/** Writes blobs so that what a failure or a crash leaves is known, and gone soon. */
export class BlobWriter {
  readonly #blobs: SealedBlobs;
  readonly #records: BlobRecords;
  readonly #disk: DiskSpace;

  constructor(blobs: SealedBlobs, records: BlobRecords, disk: DiskSpace) {
    this.#blobs = blobs;
    this.#records = records;
    this.#disk = disk;
  }

  /**
   * Stores content as a new blob, which is to be kept or given up by the caller. @throws ProblemError
   * `insufficient_storage`; what the content or the watcher throws.
   */
  async write(
    projectId: string,
    content: AsyncIterable<Uint8Array>,
    watch: FrameWatcher = (frame, giveBack) => giveBack(frame.buffer),
  ): Promise<SealedBlob> {
    const name: BlobName = { projectId, id: newId("blob") };
    const key = this.#blobs.newKey(name);
    await this.#records.begin(name, key.wrapped);
    const timer = setInterval(() => void this.#records.touch(name).catch(() => undefined), TOUCH_MS);
    timer.unref();
    try {
      const bytes = await this.#blobs.write(name, key, content, (frame, giveBack) => {
        this.#disk.require(FRAME_BYTES);
        return watch(frame, giveBack);
      });
      return { ...name, key: key.wrapped, bytes };
    } catch (error) {
      await this.discard(name);
      if (!(error instanceof StorageFull)) throw error;
      this.#disk.reportFull();
      throw insufficientStorage(error);
    } finally {
      clearInterval(timer);
    }
  }

  /** Gives a blob up. What can't be removed now is swept later. */
  async discard(name: BlobName): Promise<void> {
    await this.#records.doom(name).catch(() => undefined);
    await this.remove(name).catch(() => undefined);
  }

  /** Removes a blob that is marked: its bytes, then its record. */
  async remove(name: BlobName): Promise<void> {
    await this.#blobs.delete(name);
    await this.#records.forget(name);
  }
}
