import { lstat, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ensureOwnDirectory } from "../../../internal/own-directory.ts";
import { StartError } from "../../../internal/start-error.ts";

/**
 * Makes or checks root's folder outside the data folder. Everyone on the way to it must be trusted, since who can rename
 * a folder above decides what root runs: each is root's, and changed by root only or sticky.
 */
export async function ensureSystemDirectory(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await lstat(folder);
    const isShared = (found.mode & 0o022) !== 0 && (found.mode & 0o1000) === 0;
    if (!found.isDirectory() || found.uid !== 0 || isShared) {
      throw new StartError(
        `TDA_DATABASE_SYSTEM_DIR ${path} is not safe for root: ${folder} must be a folder that only root can change.`,
      );
    }
    if (folder === dirname(folder)) break;
  }
  await ensureOwnDirectory(path, 0o755);
}
