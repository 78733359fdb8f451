import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../../internal/logger.ts";
import { StartError } from "../../../internal/start-error.ts";
import { asAccount, childEnvironment } from "./account.ts";
import type { Layout } from "./layout.ts";
import { readPostmasterPid } from "./postmaster-pid.ts";

const pollMs = 5;
/** Replaying the log after a crash can take minutes; it says so every few seconds. */
const readyLimitMs = 300_000;
const patienceMs = 5_000;
const keptLines = 20;

/**
 * Ends the database when the server is killed: it reads from a pipe that only the server holds, and the pipe's end is the
 * server's end. In a session of its own, so that a signal to the server's group spares it.
 */
const guardScript = 'trap "" HUP INT TERM; read -r line; kill -INT "$1"';

/** One run of PostgreSQL. */
export class Postmaster {
  readonly pid: number;
  /** Resolves when it has ended, with its last words. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #hasExited = false;

  private constructor(child: ChildProcess, pid: number, guard: ChildProcess, logger: Logger) {
    this.pid = pid;
    this.#child = child;
    const lastLines: string[] = [];
    forEachLine(child, (line) => {
      lastLines.push(line);
      if (lastLines.length > keptLines) lastLines.shift();
      logLine(logger, line);
    });
    this.exited = new Promise((resolve) => {
      child.once("close", () => {
        this.#hasExited = true;
        guard.kill("SIGKILL");
        resolve(
          lastLines.findLast((line) => /FATAL|PANIC|could not|error/.test(line)) ?? lastLines.at(-1) ?? "no message",
        );
      });
    });
  }

  /** Spawns PostgreSQL in a session of its own, so that a terminal's signals do not reach it. @throws StartError */
  static async spawn(binDir: string, configFile: string, layout: Layout, logger: Logger): Promise<Postmaster> {
    const as = asAccount(layout.account);
    const child = spawn(join(binDir, "postgres"), ["-D", layout.clusterDir, "-c", `config_file=${configFile}`], {
      ...as,
      cwd: "/",
      env: childEnvironment,
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) =>
        reject(
          new StartError(`The embedded PostgreSQL cannot be started: ${(error as NodeJS.ErrnoException).code}.`, {
            cause: error,
          }),
        ),
      );
    });
    const pid = child.pid!;
    const guard = spawn("/bin/sh", ["-c", guardScript, "sh", String(pid)], {
      ...as,
      cwd: "/",
      env: childEnvironment,
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    guard.on("error", (error) => logger.warn({ err: error }, "the database's guard cannot be started"));
    guard.stdin?.on("error", () => undefined);
    return new Postmaster(child, pid, guard, logger);
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** Waits until it accepts connections. @throws StartError when it ends or does not come up. */
  async waitUntilReady(clusterDir: string, logger: Logger, signal: AbortSignal): Promise<void> {
    const start = Date.now();
    let nextWord = start + patienceMs;
    for (;;) {
      signal.throwIfAborted();
      if (this.#hasExited) throw new StartError(`The embedded PostgreSQL ended while starting: ${await this.exited}.`);
      const file = readPostmasterPid(clusterDir);
      if (file?.pid === this.pid && file.isReady) return;
      if (Date.now() - start > readyLimitMs)
        throw new StartError(`The embedded PostgreSQL was not ready after ${readyLimitMs / 1000} s.`);
      if (Date.now() > nextWord) {
        logger.info(
          { seconds: Math.round((Date.now() - start) / 1000) },
          "the database is starting, perhaps recovering from a crash",
        );
        nextWord += patienceMs;
      }
      await sleep(pollMs);
    }
  }

  /**
   * Ends it: fast shutdown (clients are disconnected, everything is written), then immediate shutdown (the next start
   * recovers from the log), then a kill. Each step gets its time; `hurry` ends the patience with the first.
   */
  async stop(limitMs: number, hurry: AbortSignal = new AbortController().signal): Promise<void> {
    const steps: readonly [NodeJS.Signals, number][] = [
      ["SIGINT", limitMs],
      ["SIGQUIT", 2_000],
      ["SIGKILL", 2_000],
    ];
    for (const [signal, waitMs] of steps) {
      if (this.#hasExited) return;
      this.#child.kill(signal);
      const timeout = new AbortController();
      const cut = signal === "SIGINT" ? AbortSignal.any([timeout.signal, hurry]) : timeout.signal;
      await Promise.race([this.exited, sleep(waitMs, undefined, { signal: cut }).catch(() => undefined)]);
      timeout.abort();
    }
  }
}

function forEachLine(child: ChildProcess, handle: (line: string) => void): void {
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!.slice(0, 8192);
    for (const line of lines) if (line !== "") handle(line);
  });
}

function logLine(logger: Logger, line: string): void {
  const isBad = /^(ERROR|FATAL|PANIC|WARNING):/.test(line);
  // Refused while starting or stopping: clients are told, and try again.
  const isExpected =
    /the database system is (starting up|shutting down)|terminating connection due to administrator command/.test(line);
  logger[isBad && !isExpected ? "warn" : "debug"]({ database: line }, "postgres");
}
