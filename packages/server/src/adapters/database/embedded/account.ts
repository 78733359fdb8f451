import { execFileSync, spawnSync } from "node:child_process";
import { StartError } from "../../../internal/start-error.ts";

/** The unprivileged account that PostgreSQL runs under when the server is root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** What a child gets of the environment: nothing of ours, and messages in English whatever the machine speaks. */
export const childEnvironment: Readonly<Record<string, string>> = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** The account to run PostgreSQL under: null (our own) unless we are root. @throws StartError when there is no such account. */
export function databaseAccount(name: string): Account | null {
  if (process.geteuid?.() !== 0) return null;
  const uid = lookUp("-u", name);
  if (uid === 0)
    throw new StartError(`TDA_DATABASE_ACCOUNT must be an account without privileges, and ${name} is root.`);
  return { name, uid, gid: lookUp("-g", name) };
}

function lookUp(option: "-u" | "-g", name: string): number {
  try {
    const id = Number(
      execFileSync("id", [option, "--", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
    if (Number.isSafeInteger(id)) return id;
  } catch {
    // `id` says no; the sentence below says what to do.
  }
  throw new StartError(
    `PostgreSQL does not run as root, and the account ${name} that would run it does not exist: name an existing one without privileges in TDA_DATABASE_ACCOUNT.`,
  );
}

/** Options for spawning a child under the account. */
export function asAccount(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Whether the account can enter a folder: by trying, since access lists and mounts decide too. */
export function canEnter(account: Account | null, path: string): boolean {
  const { status } = spawnSync("/bin/sh", ["-c", 'cd -- "$1"', "sh", path], {
    ...asAccount(account),
    cwd: "/",
    env: childEnvironment,
    stdio: "ignore",
  });
  return status === 0;
}
