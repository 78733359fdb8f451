import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { StartError } from "../../internal/start-error.ts";
import { MANIFEST, type Manifest, type Part, SUMS } from "./manifest.ts";

const LINE_FEED = 0x0a;

export interface WrittenPart extends Part {
  /** Line ends in it. */
  readonly lines: number;
}

/**
 * Writes a backup into a draft beside its folder, every file synced, and gives it its name when it is whole: what has the name is
 * complete. Only its owner can read it.
 */
export class BackupWriter {
  readonly #target: string;
  readonly #draft: string;
  readonly #parts: Part[] = [];

  private constructor(target: string, draft: string) {
    this.#target = target;
    this.#draft = draft;
  }

  /** @throws StartError when the target is there already, or can't be made. */
  static async begin(folder: string): Promise<BackupWriter> {
    const target = resolve(folder);
    if ((await lstat(target).catch(() => null)) !== null) {
      throw new StartError(`${target} is there already: give the backup a name of its own.`);
    }
    const draft = `${target}.partial-${randomBytes(4).toString("hex")}`;
    try {
      await mkdir(draft, { mode: 0o700 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new StartError(`The backup cannot be written beside ${target} (${code}).`, { cause: error });
    }
    return new BackupWriter(target, draft);
  }

  /** Writes a part, in pieces as they come. */
  async write(file: string, content: AsyncIterable<Uint8Array>): Promise<WrittenPart> {
    const path = join(this.#draft, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const hash = createHash("sha256");
    let [bytes, lines] = [0, 0];
    await writing(path, async (handle) => {
      for await (const piece of content) {
        hash.update(piece);
        lines += countLines(piece);
        for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
        bytes += piece.length;
      }
    });
    const part = { file, bytes, sha256: hash.digest("hex") };
    this.#parts.push(part);
    return { ...part, lines };
  }

  /** Removes a part that turned out to be none. */
  async remove(file: string): Promise<void> {
    await rm(join(this.#draft, file), { force: true });
    const at = this.#parts.findIndex((part) => part.file === file);
    if (at !== -1) this.#parts.splice(at, 1);
  }

  /** Writes the manifest and the sums (which `sha256sum -c SHA256SUMS` checks too), and gives the backup its name. */
  async finish(manifest: Manifest): Promise<string> {
    await this.write(MANIFEST, pieces(`${JSON.stringify(manifest, null, 2)}\n`));
    const sums = this.#parts.map(({ sha256, file }) => `${sha256}  ${file}\n`).join("");
    await writing(join(this.#draft, SUMS), async (handle) => void (await handle.write(sums)));
    await rename(this.#draft, this.#target);
    const parent = await open(dirname(this.#target), constants.O_RDONLY | constants.O_DIRECTORY);
    await parent.sync().finally(() => parent.close());
    return this.#target;
  }

  async giveUp(): Promise<void> {
    await rm(this.#draft, { recursive: true, force: true });
  }
}

export async function* pieces(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof text === "string" ? Buffer.from(text) : text;
}

export function countLines(piece: Uint8Array): number {
  let lines = 0;
  for (let at = piece.indexOf(LINE_FEED); at !== -1; at = piece.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

async function writing(path: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await work(handle);
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOSPC" || code === "EDQUOT"
      ? new StartError("The backup does not fit on the disk; what was written of it is removed.", { cause: error })
      : error;
  } finally {
    await handle.close();
  }
}
