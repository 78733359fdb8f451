import { chmodSync, mkdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Token } from "@tda-platform/contract/identity-schemas";
import { CliError } from "../cli-error.ts";

export interface Login {
  readonly username: string;
  readonly access_token: string;
  readonly refresh_token: string;
  /** Milliseconds since the epoch: of the access token. */
  readonly expires_at: number;
}

const LOCK_LIMIT_MS = 10_000;
const LOCK_POLL_MS = 50;

/** Logins by server, in `tda/logins.json` of the user's configuration folder: 0600, in a folder of 0700. */
export class LoginFile {
  readonly path: string;
  readonly #folder: string;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#folder = join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "tda");
    this.path = join(this.#folder, "logins.json");
  }

  /** @throws CliError where others than its owner may read it: it is no secret then. */
  read(url: string): Login | null {
    return this.#all()[url] ?? null;
  }

  write(url: string, token: Token, username: string): void {
    const login: Login = {
      username,
      access_token: token.access_token,
      refresh_token: token.refresh_token ?? "",
      expires_at: Date.now() + token.expires_in * 1000,
    };
    this.#save({ ...this.#all(), [url]: login });
  }

  remove(url: string): void {
    const { [url]: _removed, ...others } = this.#all();
    this.#save(others);
  }

  /** Does the work while no other process does its. */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    const lock = `${this.path}.lock`;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const end = Date.now() + LOCK_LIMIT_MS; ; await sleep(LOCK_POLL_MS)) {
      try {
        mkdirSync(lock);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        // Whoever had it for so long has ended without giving it back.
        if (Date.now() > end) rmdirSync(lock);
      }
    }
    try {
      return await work();
    } finally {
      rmdirSync(lock);
    }
  }

  #all(): Readonly<Record<string, Login>> {
    try {
      if ((statSync(this.path).mode & 0o077) !== 0) {
        throw new CliError(`${this.path} is open to other accounts.`, { hint: `Close it: chmod 600 ${this.path}` });
      }
      return JSON.parse(readFileSync(this.path, "utf8")) as Record<string, Login>;
    } catch (error) {
      if (error instanceof CliError) throw error;
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  }

  #save(logins: Readonly<Record<string, Login>>): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, this.path);
  }
}
