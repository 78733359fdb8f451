import { createHash } from "node:crypto";
import { chown, lstat, mkdir, rmdir, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureOwnDirectory, ensureSharedDirectory } from "../../../internal/own-directory.ts";
import { StartError } from "../../../internal/start-error.ts";
import { type Account, canEnter } from "./account.ts";
import { type InstanceFile, newInstance, readInstance, writeInstance } from "./instance-file.ts";
import { makeSystemInstance } from "./system-directory.ts";

/** Where the parts of one embedded database are. Folders named "ours" belong to the user who started the server. */
export interface Layout {
  readonly account: Account | null;
  /** `postgres/` of the data folder, ours: `instance.json`. */
  readonly homeDir: string;
  /** Ours, the account may pass through: `server.lock`, `config/`, `cluster/`. */
  readonly instanceDir: string;
  /** The account's, 0700: PGDATA. */
  readonly clusterDir: string;
  /** The account's, 0700: the Unix socket. */
  readonly socketDir: string;
  /** Where binaries may be installed, best first. */
  readonly binariesDirs: readonly string[];
  readonly instance: InstanceFile;
}

export interface LayoutOptions {
  readonly dataDir: string;
  /** For root: binaries, and data when the account cannot reach the data folder. */
  readonly systemDir: string;
  readonly account: Account | null;
}

export const socketPort = 5432;
/** sun_path of Linux is 108 bytes with the final zero; of macOS 104. */
const socketPathLimit = process.platform === "linux" ? 107 : 103;

/** Finds the database of a data folder, or decides where a new one goes, and makes our folders. @throws StartError */
export async function prepareLayout(options: LayoutOptions): Promise<Layout> {
  const { account, dataDir } = options;
  const homeDir = join(dataDir, "postgres");
  await ensureSharedDirectory(dataDir);
  await ensureOwnDirectory(homeDir, passableMode(account));
  const known = await readInstance(homeDir);
  const instance = known ?? newInstance(await chooseLocation(options, homeDir));
  if (known === null) await writeInstance(homeDir, instance);
  else await checkLocation(known, homeDir, account);
  const clusterDir = join(instance.location, "cluster");
  const runAs = account === null ? null : await clusterOwner(clusterDir, account);
  return {
    account: runAs,
    homeDir,
    instanceDir: instance.location,
    clusterDir,
    socketDir: await prepareSocketDir(instance.location, runAs),
    binariesDirs: binariesDirs(options, instance.location),
    instance,
  };
}

/** Root's folders must let the account through to what is its own; a user's folders let nobody in. */
function passableMode(account: Account | null): number {
  return account === null ? 0o700 : 0o711;
}

async function chooseLocation({ account, systemDir }: LayoutOptions, homeDir: string): Promise<string> {
  if (account === null || ((await canGive(homeDir, account)) && canEnter(account, homeDir))) return homeDir;
  return makeSystemInstance(systemDir, homeDir);
}

/** Whether this file system lets root give a folder to the account (a network file system may not). */
async function canGive(folder: string, account: Account): Promise<boolean> {
  const probe = join(folder, "cluster.probe");
  try {
    await mkdir(probe, { mode: 0o700 });
    await chown(probe, account.uid, account.gid);
    return (await lstat(probe)).uid === account.uid;
  } catch {
    return false;
  } finally {
    await rmdir(probe).catch(() => undefined);
  }
}

async function checkLocation(instance: InstanceFile, homeDir: string, account: Account | null): Promise<void> {
  const { location } = instance;
  if (location !== homeDir) {
    const found = await stat(location).catch(() => null);
    if (found === null) {
      throw new StartError(
        `The database of this data folder was kept in ${location}, which is gone: restore it, or remove ${homeDir} to begin anew.`,
      );
    }
    await ensureOwnDirectory(location, passableMode(account));
  }
  if (account !== null && !canEnter(account, location)) {
    throw new StartError(
      `The account ${account.name}, which runs PostgreSQL for root, cannot reach ${location}: let it pass through the folders above (chmod o+x).`,
    );
  }
}

/** A cluster stays with the account that it was made by, whatever the setting says later. */
async function clusterOwner(clusterDir: string, account: Account): Promise<Account> {
  const found = await lstat(clusterDir).catch(() => null);
  if (found === null || found.uid === account.uid) return account;
  if (found.uid === 0)
    throw new StartError(
      `${clusterDir} belongs to root, as whom PostgreSQL does not run: give it to ${account.name} (chown -R).`,
    );
  return { name: `user ${found.uid}`, uid: found.uid, gid: found.gid };
}

/** The socket's folder: beside the cluster, or a short path of ours when the address would not fit a socket. */
async function prepareSocketDir(instanceDir: string, account: Account | null): Promise<string> {
  const beside = join(instanceDir, "socket");
  if (Buffer.byteLength(join(beside, `.s.PGSQL.${socketPort}.lock`)) <= socketPathLimit) {
    return ensureAccountDirectory(beside, account);
  }
  const name = createHash("sha256").update(instanceDir).digest("hex").slice(0, 16);
  return ensureAccountDirectory(join("/tmp", `tda-${process.geteuid?.() ?? 0}-${name}`), account);
}

/** A 0700 folder of the account. An existing one must be just that already: in /tmp anyone may have been first. */
export async function ensureAccountDirectory(path: string, account: Account | null): Promise<string> {
  if (account === null) {
    await ensureOwnDirectory(path, 0o700);
    return path;
  }
  try {
    await mkdir(path, { mode: 0o700 });
    await chown(path, account.uid, account.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const found = await lstat(path);
    // Root's own: a start that ended between the two calls above.
    if (found.isDirectory() && found.uid === 0) await chown(path, account.uid, account.gid);
    else if (!found.isDirectory() || found.uid !== account.uid || (found.mode & 0o077) !== 0) {
      throw new StartError(
        `${path} must be a folder that only ${account.name} can use, and is something else: remove it.`,
      );
    }
  }
  return path;
}

function binariesDirs({ account, systemDir }: LayoutOptions, location: string): readonly string[] {
  if (account !== null) return location.startsWith(`${systemDir}/`) ? [systemDir] : [location, systemDir];
  const cacheDir = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return [location, join(cacheDir, "tda-platform"), join(tmpdir(), `tda-platform-${process.geteuid?.() ?? 0}`)];
}
