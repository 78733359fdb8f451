import { constants } from "node:fs";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type DiskSpace, insufficientStorage } from "../../domain/datasets/disk-space.ts";
import type { Logger } from "../../internal/logger.ts";

export interface DiskGuardOptions {
  /** Folder whose disk is watched. */
  readonly dir: string;
  readonly reserveBytes: number;
  readonly ballastBytes: number;
  readonly logger: Logger;
}

const WATCH_MS = 1_000;
const PIECE = Buffer.alloc(1_048_576);

/**
 * Watches the room on a disk. Below the reserve nothing more is written; when even the reserve is nearly used up (by others,
 * or by what could not be foreseen) a file that holds some room is removed, so that deleting, which writes too, still works.
 * The file is made again when there is plenty.
 */
export class DiskGuard implements DiskSpace {
  readonly #options: DiskGuardOptions;
  readonly #ballast: string;
  readonly #timer: NodeJS.Timeout;
  #freeBytes = Number.POSITIVE_INFINITY;
  #isFull = false;
  #looking: Promise<void> = Promise.resolve();

  private constructor(options: DiskGuardOptions) {
    this.#options = options;
    this.#ballast = join(options.dir, "ballast");
    this.#timer = setInterval(() => this.#look(), WATCH_MS);
    this.#timer.unref();
  }

  static async start(options: DiskGuardOptions): Promise<DiskGuard> {
    const guard = new DiskGuard(options);
    await guard.#measure();
    return guard;
  }

  require(bytes: number): void {
    const { reserveBytes } = this.#options;
    if (reserveBytes > 0 && this.#freeBytes - bytes < reserveBytes) throw insufficientStorage();
    // Counted at once: the next measurement is a second away.
    this.#freeBytes -= Math.min(bytes, PIECE.length);
  }

  reportFull(): void {
    this.#freeBytes = 0;
    this.#look();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#looking.then(() => this.#measure());
  }

  async #measure(): Promise<void> {
    const { dir, reserveBytes, ballastBytes, logger } = this.#options;
    try {
      const { bavail, bsize } = await statfs(dir);
      this.#freeBytes = bavail * bsize;
      const isFull = reserveBytes > 0 && this.#freeBytes < reserveBytes;
      if (isFull !== this.#isFull) {
        const fields = { free_bytes: this.#freeBytes, reserve_bytes: reserveBytes };
        if (isFull) logger.error(fields, "the disk is full: writing requests are refused");
        else logger.info(fields, "the disk has room again");
      }
      this.#isFull = isFull;
      if (this.#freeBytes < reserveBytes / 4) await this.#release();
      else if (this.#freeBytes > reserveBytes + 4 * ballastBytes) await this.#fill();
    } catch (error) {
      logger.warn({ err: error }, "the room on the disk can't be told");
    }
  }

  async #release(): Promise<void> {
    const held = await stat(this.#ballast).catch(() => null);
    if (held === null) return;
    await rm(this.#ballast, { force: true });
    this.#options.logger.error({ bytes: held.size }, "the ballast was released: make room on the disk");
  }

  async #fill(): Promise<void> {
    const { ballastBytes } = this.#options;
    const held = await stat(this.#ballast).catch(() => null);
    if (ballastBytes === 0 || held?.size === ballastBytes) return;
    const file = await open(
      this.#ballast,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      for (let left = ballastBytes; left > 0; left -= PIECE.length) {
        await file.write(PIECE, 0, Math.min(left, PIECE.length));
      }
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}
