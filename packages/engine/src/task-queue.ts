import type { EngineTask } from "./engine-task.ts";
import { EngineError } from "./errors.ts";

/** Tasks that wait, first in, first out, and not more than a number of them. */
export class TaskQueue {
  readonly #maxLength: number;
  #tasks: EngineTask[] = [];

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  get length(): number {
    return this.#tasks.length;
  }

  /** A task that is given up while it waits is rejected at once. */
  push(task: EngineTask): void {
    this.#tasks.push(task);
    task.onStop = () => {
      this.#tasks.splice(this.#tasks.indexOf(task), 1);
      task.settleStopped();
    };
  }

  /** @throws EngineError `engine_overloaded` when no task may be added */
  checkRoom(): void {
    if (this.#tasks.length < this.#maxLength) return;
    throw new EngineError("engine_overloaded", `${this.#tasks.length} computations are waiting already.`);
  }

  shift(): EngineTask | undefined {
    return this.#tasks.shift();
  }

  rejectAll(error: EngineError): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task.reject(error);
  }
}
