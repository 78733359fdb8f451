import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { FRAME_HEADER_BYTES, FRAME_MAGIC, FRAME_TYPES } from "../../src/frame-layout.ts";
import { type Frame, FrameReader } from "../../src/frame-reader.ts";
import { defaultHostExecutable } from "../../src/locate-build.ts";

/** An engine host without a pool around it: for tests that write the protocol's bytes themselves. */
export class RawHost {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #reader = new FrameReader(2 ** 30);
  readonly #frames: Frame[] = [];
  #wake: () => void = () => undefined;
  #hasEnded = false;

  constructor(options: readonly string[] = []) {
    this.child = spawn(defaultHostExecutable(), options, { detached: true });
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => resolve({ code, signal }));
    });
    const onEnd = () => {
      this.#hasEnded = true;
      this.#wake();
    };
    this.ended.then(onEnd, onEnd);
    this.child.stdin.on("error", () => undefined);
    this.child.stdout.on("data", (chunk: Uint8Array) => {
      this.#frames.push(...this.#reader.push(chunk));
      this.#wake();
    });
  }

  write(bytes: Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  /** The next frame, or null when the host has ended. */
  async next(): Promise<Frame | null> {
    while (this.#frames.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#frames.shift() ?? null;
  }

  /** The next frame of a type; others before it are dropped. */
  async nextOf(type: number): Promise<DataView> {
    for (let frame = await this.next(); frame !== null; frame = await this.next()) {
      if (frame.type === type) return new DataView(frame.payload);
    }
    throw new Error(`The host ended without a frame of type ${type}.`);
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

export interface FrameFields {
  magic?: number;
  version?: number;
  type?: number;
  requestId?: bigint;
  payloadBytes?: bigint;
  detail?: number;
  reserved?: number;
  payload?: Uint8Array;
}

export function frame(fields: FrameFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(0);
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, fields.magic ?? FRAME_MAGIC, true);
  view.setUint16(4, fields.version ?? 1, true);
  view.setUint16(6, fields.type ?? FRAME_TYPES.ping, true);
  view.setBigUint64(8, fields.requestId ?? 1n, true);
  view.setBigUint64(16, fields.payloadBytes ?? BigInt(payload.length), true);
  view.setUint32(24, fields.detail ?? 0, true);
  view.setUint32(28, fields.reserved ?? 0, true);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}
