import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServerProcess, startServerProcess } from "../../src/start/testing/server-process.ts";

/** Shared, as by all instances of one platform: what one seals another opens. */
const masterKey = `k1:${randomBytes(32).toString("base64")}`;

/** A server process that is started again whenever it has ended, until the end. */
export class Member {
  readonly name: string;
  /** null while it is not ready. */
  url: string | null = null;
  readySince: number | null = null;
  kills = 0;
  #process: ServerProcess | null = null;
  #isOver = false;
  readonly #env: Readonly<Record<string, string>>;
  readonly #running: Promise<void>;

  constructor(name: string, dir: string, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#env = { TDA_DATA_DIR: join(dir, name), TDA_ENCRYPTION_KEYS: masterKey, ...env };
    this.#running = this.#run();
  }

  /** SIGKILL, to it and the processes that it started. */
  kill(): void {
    if (this.#process === null) return;
    this.kills++;
    this.#signal("SIGKILL");
  }

  /** In order. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#signal("SIGTERM");
    await this.#running;
  }

  #signal(signal: NodeJS.Signals): void {
    this.url = null;
    this.readySince = null;
    try {
      if (this.#process !== null) process.kill(-this.#process.pid, signal);
    } catch {
      // It has ended by itself.
    }
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const current = startServerProcess(this.#env);
      this.#process = current;
      current.said.then(
        ({ url, error }) => {
          if (error !== undefined || this.#process !== current) return;
          this.url = url;
          this.readySince = Date.now();
        },
        () => undefined,
      );
      await current.ended;
      this.#process = null;
      this.url = null;
      this.readySince = null;
      await sleep(50);
    }
  }
}
