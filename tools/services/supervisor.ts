import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A program as the supervisor starts it. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Only root may name them. */
  readonly uid?: number;
  readonly gid?: number;
  /** Gets what the program prints. */
  readonly logFile: string;
}

interface Message {
  readonly id?: number;
  readonly answer?: { readonly pid?: number | null };
  readonly error?: string;
  readonly event?: "end";
  readonly name?: string;
  readonly reason?: string;
}

/** Our side of supervisor.mjs: what is started through it does not outlive this process, however this process ends. */
export class Supervisor {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, PromiseWithResolvers<Message>>();
  readonly #ends = new Map<string, PromiseWithResolvers<string>>();
  #lastId = 0;
  #waiting = 0;

  constructor() {
    this.#child = fork(join(import.meta.dirname, "supervisor.mjs"), [], {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
    });
    // Services that nobody stops do not keep a process from ending, and end with it.
    this.#child.unref();
    this.#child.channel?.unref();
    this.#child.on("message", (message: Message) => this.#take(message));
    this.#child.on("exit", () => {
      for (const answer of this.#answers.values()) answer.reject(new Error("the supervisor of the services ended"));
      for (const end of this.#ends.values()) end.resolve("the supervisor's end");
    });
  }

  /** Starts a program under a name that no running one has. `ended` tells how it ended. */
  async run(name: string, program: Program): Promise<{ pid: number; ended: Promise<string> }> {
    const end = Promise.withResolvers<string>();
    this.#ends.set(name, end);
    const { answer } = await this.#ask("run", { name, ...program });
    return { pid: answer?.pid ?? 0, ended: end.promise };
  }

  /** While somebody waits for this, the process does not end for want of work. */
  async awaited<T>(event: Promise<T>): Promise<T> {
    this.#waiting += 1;
    this.#child.channel?.ref();
    try {
      return await event;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#child.channel?.unref();
    }
  }

  /** SIGKILL answers when the program and its children are gone; SIGSTOP and SIGCONT reach the children too. */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.#ask("signal", { name, signal });
  }

  async removeAtEnd(folder: string): Promise<void> {
    await this.#ask("removeAtEnd", { folder });
  }

  /** Kills what still runs, removes the folders, ends the supervisor. Idempotent. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.ref();
    await this.#ask("end", {});
    this.#child.disconnect();
    await exited;
  }

  async #ask(request: string, options: object): Promise<Message> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Message>();
    this.#answers.set(id, answer);
    this.#child.send({ id, request, ...options }, (error) => {
      if (error) answer.reject(error);
    });
    try {
      return await this.awaited(answer.promise);
    } finally {
      this.#answers.delete(id);
    }
  }

  #take(message: Message): void {
    if (message.event === "end") {
      this.#ends.get(message.name!)?.resolve(message.reason!);
      return;
    }
    const answer = this.#answers.get(message.id!);
    if (message.error === undefined) answer?.resolve(message);
    else answer?.reject(new Error(message.error));
  }
}
