import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DependencyUnavailable } from "../../domain/errors.ts";
import {
  BlobMissing,
  type BlobName,
  type BlobStore,
  type ByteRange,
  blobPath,
  StorageFull,
} from "../../domain/storage/blob-store.ts";
import { ensureOwnDirectory } from "../../internal/own-directory.ts";

const READ_BYTES = 262_144;
const RETRY_AFTER_SECONDS = 5;
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * Objects as files of a folder of ours (0700, files 0600): a folder for each project, a file for each object. A put writes
 * a draft beside the file, syncs it, renames it and syncs the folder, so that a file is whole and durable or not there.
 */
export class FolderBlobStore implements BlobStore {
  readonly kind = "folder";
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws StartError when the folder is not ours to use. */
  static async open(root: string): Promise<FolderBlobStore> {
    await ensureOwnDirectory(root, 0o700);
    return new FolderBlobStore(root);
  }

  async put(name: BlobName, content: AsyncIterable<Uint8Array>): Promise<number> {
    const path = this.#path(name);
    const draft = draftOf(path);
    try {
      await mkdir(dirname(path), { mode: 0o700 }).catch(unless("EEXIST"));
      // What a put left that did not end: names are never used twice at a time.
      await rm(draft, { force: true });
      const bytes = await writeFile(draft, content);
      await rename(draft, path);
      await syncFolder(dirname(path));
      return bytes;
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw explained(error);
    }
  }

  async *get(name: BlobName, range?: ByteRange): AsyncGenerator<Uint8Array> {
    let file: FileHandle | null = null;
    try {
      file = await open(this.#path(name), "r");
      let at = range?.start ?? 0;
      for (;;) {
        const wanted = Math.min(READ_BYTES, (range?.end ?? Number.POSITIVE_INFINITY) - at);
        if (wanted <= 0) return;
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ENOENT"
        ? new BlobMissing("There is no such object.")
        : explained(error);
    } finally {
      await file?.close();
    }
  }

  async delete(name: BlobName): Promise<void> {
    const path = this.#path(name);
    try {
      await rm(draftOf(path), { force: true });
      await rm(path, { force: true });
      // Of a project without objects nothing stays; a put that makes the folder at this moment is tried again by its caller.
      await rmdir(dirname(path)).catch(unless("ENOTEMPTY", "ENOENT", "EEXIST"));
    } catch (error) {
      throw explained(error);
    }
  }

  async stat(name: BlobName): Promise<{ readonly bytes: number } | null> {
    try {
      return { bytes: (await stat(this.#path(name))).size };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw explained(error);
    }
  }

  async check(): Promise<void> {
    await stat(this.#root).catch((error: unknown) => {
      throw explained(error);
    });
  }

  async close(): Promise<void> {}

  #path(name: BlobName): string {
    return join(this.#root, blobPath(name));
  }
}

function draftOf(path: string): string {
  return `${path}.draft`;
}

async function writeFile(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    let bytes = 0;
    for await (const piece of content) {
      for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
      bytes += piece.length;
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function unless(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
}

/** Errors of the file system by what they mean; what the content threw stays what it is. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  // Of a socket that the content comes from.
  if (code === "ECONNRESET" || code === "EPIPE") return error;
  if (FULL.has(code ?? "")) return new StorageFull("The disk is full.", { cause: error });
  const message = `The folder of the objects cannot be used: ${error.message}`;
  return new DependencyUnavailable("blobs", message, RETRY_AFTER_SECONDS, { cause: error });
}
