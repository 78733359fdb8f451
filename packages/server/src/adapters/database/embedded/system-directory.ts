import { randomUUID } from "node:crypto";
import { lstat, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureOwnDirectory, ensureSharedDirectory, writeOwnFile } from "../../../internal/own-directory.ts";
import { StartError } from "../../../internal/start-error.ts";

/**
 * Makes or checks root's folder outside the data folder. Everyone on the way to it must be trusted, since who can rename
 * a folder above decides what root runs: each is root's, and changed by root only or sticky.
 */
export async function ensureSystemDirectory(path: string): Promise<void> {
  await ensureSharedDirectory(dirname(path));
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

const backReference = "data-folder";

/** A folder for a database whose own data folder the account cannot reach; it says whose it is. @throws StartError */
export async function makeSystemInstance(systemDir: string, homeDir: string): Promise<string> {
  await ensureSystemDirectory(systemDir);
  const location = join(systemDir, "data", randomUUID());
  await ensureOwnDirectory(join(systemDir, "data"), 0o711);
  await ensureOwnDirectory(location, 0o711);
  await writeOwnFile(join(location, backReference), `${homeDir}\n`, 0o600);
  return location;
}

/**
 * Databases whose data folder no longer names them. They are told and never removed: the folder may only be away, on a
 * disk that is not mounted now.
 */
export async function forgottenInstances(systemDir: string): Promise<readonly string[]> {
  const data = join(systemDir, "data");
  const forgotten: string[] = [];
  for (const name of await readdir(data).catch(() => [])) {
    const location = join(data, name);
    const homeDir = await readFile(join(location, backReference), "utf8").catch(() => null);
    if (homeDir === null) continue;
    const instance = await readFile(join(homeDir.trimEnd(), "instance.json"), "utf8").catch(() => "");
    if (!instance.includes(JSON.stringify(location))) forgotten.push(location);
  }
  return forgotten;
}
