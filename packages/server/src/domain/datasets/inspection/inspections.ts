import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import { ProblemError } from "../../problem.ts";
import type { ReadRange, TableShape } from "../formats/inspector.ts";
import { InspectionThread } from "./inspection-thread.ts";

/** What an inspected content turned out to be. */
export interface Inspection {
  /** null: it is to be inspected once it is stored. */
  readonly shape: TableShape | null;
  readonly sha256: string;
}

/** Contents that arrive at the same time. Each has about 4 MiB in memory. */
const SESSION_LIMIT = 32;
const THREADS = 2;

/**
 * Inspects contents on threads, so that no request waits while another's numbers are read. Contents that arrive share two
 * threads; one that is stored gets a thread of its own, which may be ended.
 */
export class Inspections {
  readonly #threads: InspectionThread[] = [];
  readonly #own = new Set<InspectionThread>();
  #sessions = 0;
  #next = 0;

  /** @throws ProblemError `overloaded` */
  open(format: DatasetFormat, kind: DatasetKind): InspectionSession {
    this.#enter();
    const thread = this.#leastBusy();
    return new InspectionSession(thread, this.#next++, format, kind, () => this.#sessions--);
  }

  /** Inspects a stored content of a format whose metadata is at its end. @throws ProblemError */
  async inspectStored(format: DatasetFormat, kind: DatasetKind, length: number, read: ReadRange): Promise<TableShape> {
    this.#enter();
    const thread = new InspectionThread();
    this.#own.add(thread);
    try {
      const session = this.#next++;
      let answered = thread.next(session);
      thread.post({ kind: "stored", session, format, rows: kind, length });
      for (;;) {
        const answer = await answered;
        if (answer.kind === "done") return answer.shape!;
        if (answer.kind !== "read") throw new Error(`unexpected answer ${answer.kind}`);
        const bytes = Uint8Array.from(await read(answer.start, answer.end));
        answered = thread.next(session);
        thread.post({ kind: "range", session, bytes }, [bytes.buffer]);
      }
    } finally {
      this.#sessions--;
      this.#own.delete(thread);
      await thread.terminate();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads.splice(0), ...this.#own].map((thread) => thread.terminate()));
  }

  #enter(): void {
    if (this.#sessions >= SESSION_LIMIT) {
      const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS };
      throw new ProblemError("overloaded", "Too many datasets are arriving at the same time.", extras);
    }
    this.#sessions++;
  }

  #leastBusy(): InspectionThread {
    for (const [i, thread] of this.#threads.entries()) if (thread.hasEnded) this.#threads.splice(i, 1);
    if (this.#threads.length < THREADS) this.#threads.push(new InspectionThread());
    return this.#threads.reduce((least, thread) => (thread.sessions < least.sessions ? thread : least));
  }
}

/** A content that is inspected while it arrives. End it by `finish` or `close`. */
export class InspectionSession {
  readonly #thread: InspectionThread;
  readonly #id: number;
  readonly #leave: () => void;
  #pending: Promise<void> = Promise.resolve();
  #isOpen = true;

  constructor(thread: InspectionThread, id: number, format: DatasetFormat, kind: DatasetKind, leave: () => void) {
    this.#thread = thread;
    this.#id = id;
    this.#leave = leave;
    thread.sessions++;
    thread.post({ kind: "open", session: id, format, rows: kind });
  }

  /** Takes a piece, whose buffer is given away, once the one before it is done: one is inspected while the next arrives. */
  async push(piece: Buffer<ArrayBuffer>, giveBack: (buffer: ArrayBuffer) => void): Promise<void> {
    await this.#pending;
    if (piece.length > 0) this.#pending = this.#send(piece, giveBack);
  }

  /** @throws ProblemError for what is wrong with the content. */
  async finish(): Promise<Inspection> {
    await this.#pending;
    const answered = this.#thread.next(this.#id);
    this.#thread.post({ kind: "finish", session: this.#id });
    const answer = await answered;
    if (answer.kind !== "done") throw new Error(`unexpected answer ${answer.kind}`);
    this.close();
    return answer;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#thread.sessions--;
    this.#thread.post({ kind: "close", session: this.#id });
    this.#leave();
  }

  #send(piece: Buffer<ArrayBuffer>, giveBack: (buffer: ArrayBuffer) => void): Promise<void> {
    const answered = this.#thread.next(this.#id).then((answer) => {
      if (answer.kind === "next") giveBack(answer.bytes.buffer as ArrayBuffer);
    });
    // Whoever pushes next hears of a failure; until then it is nobody's.
    answered.catch(() => undefined);
    this.#thread.post({ kind: "piece", session: this.#id, bytes: piece }, [piece.buffer]);
    return answered;
  }
}
