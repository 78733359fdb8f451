import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, lstat, open, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureOwnDirectory, writeOwnFile } from "../../../internal/own-directory.ts";
import { StartError } from "../../../internal/start-error.ts";
import { type Account, asAccount, childEnvironment } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { ensureAccountDirectory, type Layout, socketPort } from "./layout.ts";

const draftPrefix = "cluster.new-";
export const superuserName = "tda_superuser";

/** Creates the cluster unless it is there, and checks that these binaries can open it. @throws StartError */
export async function ensureCluster(layout: Layout, binaries: Binaries, signal: AbortSignal): Promise<void> {
  await removeDrafts(layout);
  const found = await lstat(layout.clusterDir).catch(() => null);
  if (found === null) await createCluster(layout, binaries, signal);
  else await checkVersion(layout.clusterDir, binaries);
}

async function checkVersion(clusterDir: string, binaries: Binaries): Promise<void> {
  const text = await readFile(join(clusterDir, "PG_VERSION"), "utf8").catch(() => "");
  const major = Number.parseInt(text, 10);
  if (major === binaries.major) return;
  if (Number.isNaN(major))
    throw new StartError(
      `${clusterDir} is not a PostgreSQL cluster (PG_VERSION is missing): restore it from a backup.`,
    );
  const advice =
    major > binaries.major
      ? "use the newer release that made them"
      : "dump them with the release that made them and load them here";
  throw new StartError(
    `The data in ${clusterDir} are of PostgreSQL ${major}, and this release brings ${binaries.major}: ${advice}.`,
  );
}

/** The cluster gets its name when it is whole: a start that is cut short leaves a draft, which the next one removes. */
async function createCluster(layout: Layout, binaries: Binaries, signal: AbortSignal): Promise<void> {
  const { account, instanceDir } = layout;
  const draft = await ensureAccountDirectory(
    join(instanceDir, `${draftPrefix}${randomBytes(6).toString("hex")}`),
    account,
  );
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, layout.instance.passwords.superuser, { mode: 0o600, flag: "wx" });
    if (account !== null) await chown(passwordFile, account.uid, account.gid);
    await runInitdb(draft, passwordFile, layout, binaries, signal);
    await rename(draft, layout.clusterDir);
    await syncDirectory(instanceDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(
  draft: string,
  passwordFile: string,
  layout: Layout,
  binaries: Binaries,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(
    join(binaries.dir, "bin", "initdb"),
    [
      `--pgdata=${draft}`,
      `--username=${superuserName}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--data-checksums",
      "--no-instructions",
      ...(process.platform === "linux" ? ["--sync-method=syncfs"] : []),
    ],
    {
      ...asAccount(layout.account),
      cwd: "/",
      env: childEnvironment,
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    },
  );
  const { code, complaint } = await finish(child, signal);
  signal.throwIfAborted();
  if (code !== 0) throw new StartError(`The embedded PostgreSQL could not be set up: ${explain(complaint)}.`);
}

async function finish(child: ChildProcess, signal: AbortSignal): Promise<{ code: number | null; complaint: string }> {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-8192);
  });
  // The whole group: initdb runs postgres in turn.
  const abort = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended in between.
    }
  };
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, complaint }));
    });
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function explain(complaint: string): string {
  if (/could not look up effective user ID/.test(complaint)) {
    return `the user ${process.geteuid?.()} who runs the server has no account on this system (set DATABASE_URL, or use a user that has one)`;
  }
  if (/No space left on device/.test(complaint)) return "the disk is full";
  const line =
    complaint.split("\n").findLast((text) => /error|fatal/i.test(text)) ?? complaint.trim().split("\n").at(-1);
  return (line ?? "no reason given").replace(/^initdb: (error: )?/, "").replace(/\.$/, "");
}

async function removeDrafts({ instanceDir, account }: Layout): Promise<void> {
  for (const name of await readdir(instanceDir)) {
    if (!name.startsWith(draftPrefix)) continue;
    const path = join(instanceDir, name);
    if (name.endsWith(".password")) await rm(path, { force: true });
    else if (account === null) await rm(path, { recursive: true, force: true });
    else await removeAs(account, path);
  }
}

/**
 * Root never walks a folder that the account can change: it could be led out of it by a link put there meanwhile. The
 * account empties the folder itself; root removes what is then an empty folder in its own.
 */
async function removeAs(account: Account, path: string): Promise<void> {
  const child = spawn("/bin/sh", ["-c", 'cd -- "$1" && find . -mindepth 1 -delete', "sh", path], {
    ...asAccount(account),
    cwd: "/",
    env: childEnvironment,
    stdio: "ignore",
  });
  await new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  await rmdir(path);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  await handle.sync().finally(() => handle.close());
}

/**
 * Writes the server's configuration, afresh at each start, into a folder of ours: root writes nothing where the account
 * could have put a link. Returns the path for `config_file`.
 */
export async function writeConfiguration(layout: Layout, options: { maxConnections: number }): Promise<string> {
  const dir = join(layout.instanceDir, "config");
  const mode = layout.account === null ? 0o600 : 0o644;
  await ensureOwnDirectory(dir, layout.account === null ? 0o700 : 0o755);
  await writeOwnFile(join(dir, "pg_hba.conf"), hostBasedAuthentication, mode);
  await writeOwnFile(join(dir, "pg_ident.conf"), "", mode);
  const lines: Readonly<Record<string, string | number>> = {
    data_directory: layout.clusterDir,
    hba_file: join(dir, "pg_hba.conf"),
    ident_file: join(dir, "pg_ident.conf"),
    listen_addresses: "",
    port: socketPort,
    unix_socket_directories: layout.socketDir.replaceAll(",", "\\,"),
    unix_socket_permissions: "0700",
    password_encryption: "scram-sha-256",
    max_connections: options.maxConnections,
    superuser_reserved_connections: 2,
    shared_buffers: "64MB",
    min_wal_size: "32MB",
    max_wal_size: "512MB",
    fsync: "on",
    // After a crash all files are synced first. One call for the file system instead of one a file: on a busy disk the
    // 1,300 files of an empty cluster took 3.5 to 6 s, this 0.5 to 2 s.
    recovery_init_sync_method: process.platform === "linux" ? "syncfs" : "fsync",
    full_page_writes: "on",
    synchronous_commit: "on",
    // Background input and output by processes of its own pays with many disks; here it would only cost memory.
    io_method: "sync",
    max_logical_replication_workers: 0,
    max_wal_senders: 2,
    jit: "off",
    log_destination: "stderr",
    logging_collector: "off",
    log_line_prefix: "",
    log_timezone: "UTC",
    timezone: "UTC",
    lc_messages: "C",
    // Without statements: they would carry inputs of users into the log.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`);
  const path = join(dir, "postgresql.conf");
  await writeOwnFile(path, `# Written by the server at each start.\n${text.join("")}`, mode);
  return path;
}

/** Passwords for everyone, each role in its database only; no TCP line, so TCP would be refused if it listened. */
const hostBasedAuthentication = `# Written by the server at each start.
local all ${superuserName} scram-sha-256
local tda tda_owner scram-sha-256
local tda tda_app scram-sha-256
`;
