import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Controllable } from "./controllable.ts";
import { freePort } from "./free-port.ts";
import type { Program, Supervisor } from "./supervisor.ts";

/** How to start one server, and how to tell that it is ready. */
export interface Recipe {
  readonly name: string;
  program(port: number): Program;
  /** Throws, or answers false, as long as it is not. */
  isReady(port: number): Promise<boolean>;
  /** Ends it in order, not waiting for its clients. */
  readonly stopSignal: NodeJS.Signals;
}

/** Of the slowest, a JVM on a busy machine. */
const readyLimitMs = 120_000;
const stopLimitMs = 10_000;
/** A port can be taken between the question and the start. */
const portAttempts = 5;

/** A server that is a process of its own, below a supervisor. */
export class ServerProcess implements Controllable {
  readonly #supervisor: Supervisor;
  readonly #recipe: Recipe;
  #port = 0;
  #pid = 0;
  #ended: Promise<string> = Promise.resolve("never started");
  #end: string | null = "never started";

  protected constructor(supervisor: Supervisor, recipe: Recipe) {
    this.#supervisor = supervisor;
    this.#recipe = recipe;
  }

  get port(): number {
    return this.#port;
  }

  /** Of the server itself, not of its children. */
  get pid(): number {
    return this.#pid;
  }

  get isRunning(): boolean {
    return this.#end === null;
  }

  async kill(): Promise<void> {
    await this.#supervisor.signal(this.#recipe.name, "SIGKILL");
    await this.#supervisor.awaited(this.#ended);
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.#launch();
  }

  async freeze(): Promise<void> {
    await this.#supervisor.signal(this.#recipe.name, "SIGSTOP");
  }

  async resume(): Promise<void> {
    await this.#supervisor.signal(this.#recipe.name, "SIGCONT");
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    await this.resume();
    await this.#supervisor.signal(this.#recipe.name, this.#recipe.stopSignal);
    const limit = new AbortController();
    await Promise.race([this.#ended, sleep(stopLimitMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
    await this.kill();
  }

  /** On a free port. */
  protected async startUp(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = await freePort();
      try {
        return await this.#launch();
      } catch (error) {
        if (this.isRunning || attempt === portAttempts) throw error;
      }
    }
  }

  /** On a port that others know already. Once: what started this has to draw the ports anew. */
  protected async startOn(port: number): Promise<void> {
    this.#port = port;
    await this.#launch();
  }

  async #launch(): Promise<void> {
    const { name } = this.#recipe;
    const program = this.#recipe.program(this.#port);
    this.#end = null;
    const { pid, ended } = await this.#supervisor.run(name, program);
    this.#pid = pid;
    this.#ended = ended.then((reason) => {
      this.#end = reason;
      return reason;
    });
    for (const end = Date.now() + readyLimitMs; Date.now() < end && this.#end === null; await sleep(10)) {
      if (await this.#recipe.isReady(this.#port).catch(() => false)) return;
    }
    const log = existsSync(program.logFile) ? readFileSync(program.logFile, "utf8").slice(-4096) : "";
    throw new Error(
      this.#end === null ? `${name} is not ready:\n${log}` : `${name} ended with ${this.#end} at its start:\n${log}`,
    );
  }
}
