import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StartError } from "./start-error.ts";

/**
 * Makes a folder of ours, or checks the one that is there: a real folder (no link), of our user, that no other user can
 * change. A folder that fails is refused, never taken over: whoever planted it would decide where our files go.
 * @throws StartError
 */
export async function ensureOwnDirectory(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
    await chmod(path, mode); // mkdir's mode is cut by the umask
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw cannotMake(path, error);
  }
  const found = await lstat(path);
  const us = process.geteuid?.();
  if (!found.isDirectory())
    throw new StartError(`${path} must be a folder that the server makes, and is something else.`);
  if (us !== undefined && found.uid !== us) {
    throw new StartError(
      `${path} belongs to user ${found.uid}, not to the user ${us} who starts the server: use the same user, or another TDA_DATA_DIR.`,
    );
  }
  if ((found.mode & 0o022) !== 0) {
    throw new StartError(`${path} can be changed by other users: take their write permission away (chmod go-w).`);
  }
  if ((found.mode & 0o777) !== mode) await chmod(path, mode);
}

/** Makes a folder that may hold foreign files, with its parents; one that exists stays as it is. @throws StartError */
export async function ensureSharedDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw cannotMake(path, error);
  }
}

/** Writes a file of ours at once: readers see the old content or all of the new, also after a crash. */
export async function writeOwnFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const draft = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function cannotMake(path: string, error: unknown): StartError {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === "EACCES" || code === "EPERM"
      ? "permission denied"
      : code === "EROFS"
        ? "the file system is read-only"
        : code === "ENOSPC"
          ? "the disk is full"
          : code === "ENOTDIR" || code === "EEXIST"
            ? "a part of the path is a file"
            : `refused (${code})`;
  return new StartError(`The folder ${path} cannot be made: ${why}.`, { cause: error });
}
