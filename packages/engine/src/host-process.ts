import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { BoundedLines } from "./bounded-lines.ts";
import type { ComputedAnswer, EngineTask } from "./engine-task.ts";
import { FRAME_HEADER_BYTES, FRAME_TYPES } from "./frame-layout.ts";
import { type Frame, FrameError, FrameReader } from "./frame-reader.ts";
import { cancelFrame, requestFrame } from "./frame-writer.ts";
import {
  type HostError,
  type HostHello,
  readCoordinates,
  readError,
  readEstimate,
  readHello,
  readProgress,
  readRepresentatives,
  readResult,
  readValues,
} from "./host-messages.ts";
import type { NativeError } from "./native-call.ts";
import type { DimensionRepresentatives } from "./types.ts";

export interface HostProcessSettings {
  readonly executable: string;
  readonly startTimeoutMs: number;
  readonly maxDiagramBytes: number;
  /** null = none. */
  readonly memoryLimitBytes: number | null;
  readonly addressSpaceBytes: number | null;
  readonly onLog: (processId: number, line: string) => void;
}

export type HostAnswer =
  | (ComputedAnswer & { readonly residentBytes: number })
  | { readonly kind: "error"; readonly error: NativeError; readonly residentBytes: number }
  | { readonly kind: "lost"; readonly reason: string };

interface CallInProgress {
  readonly requestId: number;
  readonly task: EngineTask;
  readonly diagrams: Float64Array[];
  readonly representatives: DimensionRepresentatives[];
  readonly settle: (answer: HostAnswer) => void;
}

/** The host could not be started. The message is for operators. */
export class HostStartError extends Error {
  override readonly name = "HostStartError";
}

const MEMORY_LIMIT_STATUS = 300;
const FIRST_PROTOCOL_ERROR = 1000;
const MAX_LOG_LINES = 200;
const MAX_LOG_LINE_LENGTH = 2000;
// Measured with 96 MB: 64 KiB to 4 MiB are alike (135 ms with the check of the values), more is slower.
const WRITE_SLICE_BYTES = 1 << 20;
/** Requests up to this are copied into one piece: each write wakes the host, and takes longer than such a copy. */
const ONE_WRITE_BYTES = 1 << 16;

function hostArguments(settings: HostProcessSettings): string[] {
  // The parent-death signal comes when the starting thread ends; Node starts processes on the thread that calls it.
  const named: [string, number | null][] = [
    ["--parent-pid", process.pid],
    ["--memory-limit-bytes", settings.memoryLimitBytes],
    ["--address-space-bytes", settings.addressSpaceBytes],
  ];
  return named.flatMap(([name, value]) => (value === null ? [] : [name, String(value)]));
}

function spawnHost(settings: HostProcessSettings): ChildProcessWithoutNullStreams {
  return spawn(settings.executable, hostArguments(settings), {
    cwd: "/",
    // A session and group of its own: a signal to the parent's group is the parent's to handle.
    detached: true,
    env: { LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Resolves when the stream takes more, or will never again. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off("drain", settle);
      stream.off("close", settle);
      resolve();
    };
    stream.on("drain", settle);
    stream.on("close", settle);
  });
}

function inputTooLarge(bytes: number): HostAnswer {
  const message = "The input is larger than an engine host accepts.";
  const error = { status: MEMORY_LIMIT_STATUS, row: null, column: null, dimension: null, bytes, message };
  return { kind: "error", error, residentBytes: 0 };
}

/** One running engine host. It computes one call at a time and is the caller's to supervise. */
export class HostProcess {
  readonly hello: HostHello;
  /** Resolves with a sentence when the process has ended, for whatever reason. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #link: HostLink;
  #nextRequestId = 1;
  #requestWritten: Promise<void> = Promise.resolve();

  private constructor(child: ChildProcessWithoutNullStreams, link: HostLink, hello: HostHello) {
    this.#child = child;
    this.#link = link;
    this.hello = hello;
    this.ended = link.ended;
  }

  /**
   * Resolves after the host's hello. `signal` gives the attempt up.
   * @throws HostStartError
   */
  static async start(settings: HostProcessSettings, signal: AbortSignal): Promise<HostProcess> {
    let child: ChildProcessWithoutNullStreams;
    try {
      child = spawnHost(settings);
    } catch (cause) {
      throw new HostStartError(cause instanceof Error ? cause.message : "The process could not be made.", { cause });
    }
    const link = new HostLink(child, settings);
    const giveUp = () => child.kill("SIGKILL");
    signal.addEventListener("abort", giveUp, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const message = `It did not say hello within ${settings.startTimeoutMs} ms.`;
      timer = setTimeout(() => reject(new HostStartError(message)), settings.startTimeoutMs);
    });
    const lost = link.ended.then((reason) => {
      throw new HostStartError(reason);
    });
    try {
      const hello = await Promise.race([link.hello, lost, timeout]);
      return new HostProcess(child, link, hello);
    } catch (error) {
      giveUp();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  get processId(): number {
    return this.hello.processId;
  }

  /** Never rejects. The input's arrays must not change until it resolves. Only one at a time. */
  compute(task: EngineTask): Promise<HostAnswer> {
    const requestId = this.#nextRequestId++;
    const pieces = requestFrame(requestId, task.operation, task.input, task.options);
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, -FRAME_HEADER_BYTES);
    if (bytes > this.hello.maxPayloadBytes) return Promise.resolve(inputTooLarge(bytes));
    return new Promise((settle) => {
      this.#link.call = { requestId, task, diagrams: [], representatives: [], settle };
      this.#requestWritten = this.#writePieces(bytes <= ONE_WRITE_BYTES ? [Buffer.concat(pieces)] : pieces);
    });
  }

  /** Asks the host to stop what it computes; the call is answered with an error, or its result if that was first. */
  async cancel(): Promise<void> {
    const { call } = this.#link;
    if (call === null) return;
    // Frames follow each other whole: the rest of a large request goes first.
    await this.#requestWritten;
    if (this.#child.stdin.writable) this.#child.stdin.write(cancelFrame(call.requestId));
  }

  /** Closes its stdin, at which a host exits. */
  stop(): void {
    this.#child.stdin.end();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Whether the running host keeps this process's event loop alive. */
  setReferenced(isReferenced: boolean): void {
    const method = isReferenced ? "ref" : "unref";
    this.#child[method]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      // Pipes of a child process are sockets, which the types do not say.
      (stream as unknown as { ref(): void; unref(): void })[method]();
    }
  }

  async #writePieces(pieces: readonly Uint8Array[]): Promise<void> {
    const { stdin } = this.#child;
    for (const piece of pieces) {
      for (let offset = 0; offset < piece.length; offset += WRITE_SLICE_BYTES) {
        if (!stdin.writable) return;
        if (stdin.write(piece.subarray(offset, offset + WRITE_SLICE_BYTES))) continue;
        await drained(stdin);
      }
    }
  }
}

/** Reads what a host sends, and notices its end. */
class HostLink {
  readonly hello: Promise<HostHello>;
  readonly ended: Promise<string>;
  call: CallInProgress | null = null;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #reader: FrameReader;
  #resolveHello!: (hello: HostHello) => void;
  #failure: string | null = null;

  constructor(child: ChildProcessWithoutNullStreams, settings: HostProcessSettings) {
    this.#child = child;
    this.#reader = new FrameReader(settings.maxDiagramBytes);
    this.hello = new Promise((resolve) => {
      this.#resolveHello = resolve;
    });
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(this.#end(error.message)));
      child.once("close", (code, signal) => {
        const reason = signal === null ? `It exited with code ${code}.` : `It was ended by ${signal}.`;
        resolve(this.#end(reason));
      });
    });
    child.stdout.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    // A broken pipe is followed by "close", which tells why.
    child.stdin.on("error", () => undefined);
    child.stdout.on("error", () => undefined);
    const log = new BoundedLines(MAX_LOG_LINES, MAX_LOG_LINE_LENGTH, (line) => settings.onLog(child.pid ?? 0, line));
    child.stderr.on("error", () => undefined);
    child.stderr.on("data", (chunk: Uint8Array) => log.push(chunk));
    child.stderr.once("end", () => log.end());
  }

  #receive(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#dispatch(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fail(error.message);
    }
  }

  /** A host that breaks the protocol is ended; its call is then lost like that of a crashed one. */
  #fail(reason: string): void {
    this.#failure = reason;
    this.#child.kill("SIGKILL");
  }

  #end(reason: string): string {
    const full = this.#failure ?? reason;
    this.#settle({ kind: "lost", reason: full });
    return full;
  }

  #settle(answer: HostAnswer): void {
    const { call } = this;
    this.call = null;
    call?.settle(answer);
  }

  #receiveError(answer: HostError): void {
    if (answer.error.status >= FIRST_PROTOCOL_ERROR) this.#fail(`It refused a frame: ${answer.error.message}`);
    else this.#settle({ kind: "error", ...answer });
  }

  #dispatch(frame: Frame): void {
    if (frame.type === FRAME_TYPES.hello) {
      this.#resolveHello(readHello(frame.payload));
      return;
    }
    const { call } = this;
    if (call === null || frame.requestId !== call.requestId) {
      this.#fail(`It sent a frame of type ${frame.type} that answers no request.`);
      return;
    }
    switch (frame.type) {
      case FRAME_TYPES.progress:
        call.task.report(readProgress(frame.payload));
        return;
      case FRAME_TYPES.diagram:
        if (frame.detail === call.diagrams.length) call.diagrams.push(new Float64Array(frame.payload));
        else this.#fail("It sent its diagrams out of order.");
        return;
      case FRAME_TYPES.representatives: {
        const one = readRepresentatives(frame.payload, frame.detail);
        if (one !== null && frame.detail === call.representatives.length) call.representatives.push(one);
        else this.#fail("It sent representatives out of order or shape.");
        return;
      }
      case FRAME_TYPES.result: {
        const { diagramCount, statistics, residentBytes } = readResult(frame.payload);
        const { diagrams, representatives } = call;
        const wanted = call.task.options.representatives === "none" ? 0 : diagramCount;
        if (diagramCount !== diagrams.length) this.#fail("It sent fewer diagrams than it announced.");
        else if (representatives.length !== wanted) this.#fail("It sent other representatives than were asked for.");
        else {
          const answer = { diagrams, representatives: wanted === 0 ? null : representatives, statistics };
          this.#settle({ kind: "result", ...answer, residentBytes });
        }
        return;
      }
      case FRAME_TYPES.coordinates: {
        const answer = readCoordinates(frame.payload);
        if (answer === null) this.#fail("It sent coordinates that do not fill their frame.");
        else this.#settle({ kind: "coordinates", ...answer });
        return;
      }
      case FRAME_TYPES.values: {
        const answer = readValues(frame.payload);
        if (answer === null) this.#fail("It sent values that do not fill their frame.");
        else this.#settle({ kind: "values", ...answer });
        return;
      }
      case FRAME_TYPES.estimate:
        this.#settle({ kind: "estimate", ...readEstimate(frame.payload) });
        return;
      case FRAME_TYPES.error:
        this.#receiveError(readError(frame.payload));
        return;
    }
  }
}
