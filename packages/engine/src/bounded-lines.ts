/** What a host writes to stderr, as lines for a log: each line and their number are bounded, the rest is dropped. */
export class BoundedLines {
  readonly #maxLineLength: number;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #linesLeft: number;
  #partial = "";

  constructor(maxLines: number, maxLineLength: number, onLine: (line: string) => void) {
    this.#linesLeft = maxLines;
    this.#maxLineLength = maxLineLength;
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    if (this.#linesLeft === 0) return;
    const lines = (this.#partial + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#partial = (lines.pop() ?? "").slice(0, this.#maxLineLength);
    for (const line of lines) this.#emit(line);
  }

  /** The stream has ended: what is left is a line too. */
  end(): void {
    if (this.#partial !== "") this.#emit(this.#partial);
    this.#partial = "";
  }

  #emit(line: string): void {
    if (this.#linesLeft === 0) return;
    this.#linesLeft -= 1;
    this.#onLine(line.slice(0, this.#maxLineLength));
  }
}
