import type { Terminal } from "../terminal.ts";
import { duration } from "./numbers.ts";

const SHOW_AFTER_MS = 400;
const REDRAW_MS = 100;
const BAR_COLUMNS = 24;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface ProgressState {
  /** 0..1, or null while it is not known. */
  readonly fraction: number | null;
  readonly text: string;
}

/** One line that is redrawn while something takes long; it leaves no trace. Nothing is drawn where there is no terminal. */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #state: ProgressState;
  #isDrawn = false;
  #frame = 0;

  constructor(terminal: Terminal, initial: ProgressState) {
    this.#terminal = terminal;
    this.#state = initial;
    if (terminal.isTty) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  update(state: ProgressState): void {
    this.#state = state;
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#isDrawn) this.#terminal.write("\r\x1b[2K");
    this.#isDrawn = false;
  }

  #draw(): void {
    const elapsed = performance.now() - this.#startedAt;
    if (elapsed < SHOW_AFTER_MS) return;
    const { fraction, text } = this.#state;
    const spinner = SPINNER[this.#frame++ % SPINNER.length] as string;
    const parts = [this.#terminal.style("cyan", spinner)];
    if (fraction !== null) {
      const filled = Math.round(fraction * BAR_COLUMNS);
      parts.push(
        this.#terminal.style("cyan", "█".repeat(filled)) +
          this.#terminal.style("dim", "░".repeat(BAR_COLUMNS - filled)),
        `${String(Math.floor(fraction * 100)).padStart(3)} %`,
      );
    }
    parts.push(duration(elapsed), this.#terminal.style("dim", text));
    this.#terminal.write(`\r\x1b[2K${parts.join("  ")}`);
    this.#isDrawn = true;
  }
}
