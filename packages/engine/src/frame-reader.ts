import {
  BAR_BYTES,
  COORDINATES_HEAD_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_TYPES,
  HOST_PAYLOAD_BYTES,
  PROTOCOL_VERSION,
  REPRESENTATIVES_HEAD_BYTES,
  VALUES_HEAD_BYTES,
} from "./frame-layout.ts";

/** The least length of a payload of free length. */
const LEAST_BYTES: ReadonlyMap<number, number> = new Map([
  [FRAME_TYPES.diagram, 0],
  [FRAME_TYPES.representatives, REPRESENTATIVES_HEAD_BYTES],
  [FRAME_TYPES.coordinates, COORDINATES_HEAD_BYTES],
  [FRAME_TYPES.values, VALUES_HEAD_BYTES],
]);

export type FrameErrorCode =
  | "bad_magic"
  | "unsupported_version"
  | "unknown_type"
  | "invalid_header"
  | "frame_too_long"
  | "out_of_memory"
  | "truncated";

/** What a host sends is not the protocol. The stream cannot be read further. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface Frame {
  readonly type: number;
  readonly requestId: number;
  /** DIAGRAM and REPRESENTATIVES: the homology dimension; 0 elsewhere. */
  readonly detail: number;
  /** A buffer of its own, so that it can be viewed as doubles and transferred to another thread. */
  readonly payload: ArrayBuffer;
}

type Header = Omit<Frame, "payload"> & { readonly payloadBytes: number };

/**
 * Reads the frames that a host sends from chunks cut anywhere. No I/O; memory for a payload is taken only after its
 * header is accepted. After a FrameError it must not be used further.
 */
export class FrameReader {
  readonly #maxDiagramBytes: number;
  readonly #headerBytes = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #header: Header | null = null;
  #payload = new Uint8Array(0);
  #payloadFilled = 0;

  constructor(maxDiagramBytes: number) {
    this.#maxDiagramBytes = maxDiagramBytes;
  }

  /**
   * The frames that end within this chunk.
   * @throws FrameError
   */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#header === null ? this.#takeHeader(rest) : this.#takePayload(rest);
      const frame = this.#completeFrame();
      if (frame !== null) frames.push(frame);
    }
    return frames;
  }

  /**
   * The stream has ended.
   * @throws FrameError within a frame
   */
  end(): void {
    if (this.#headerFilled > 0) throw new FrameError("truncated", "The engine host's output ended within a frame.");
  }

  #takeHeader(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, FRAME_HEADER_BYTES - this.#headerFilled);
    this.#headerBytes.set(part, this.#headerFilled);
    this.#headerFilled += part.length;
    if (this.#headerFilled === FRAME_HEADER_BYTES) {
      this.#header = this.#parseHeader();
      this.#payload = allocate(this.#header.payloadBytes);
      this.#payloadFilled = 0;
    }
    return chunk.subarray(part.length);
  }

  #takePayload(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, this.#payload.length - this.#payloadFilled);
    this.#payload.set(part, this.#payloadFilled);
    this.#payloadFilled += part.length;
    return chunk.subarray(part.length);
  }

  #completeFrame(): Frame | null {
    const header = this.#header;
    if (header === null || this.#payloadFilled < this.#payload.length) return null;
    const { type, requestId, detail } = header;
    const payload = this.#payload.buffer;
    this.#header = null;
    this.#headerFilled = 0;
    this.#payload = new Uint8Array(0);
    return { type, requestId, detail, payload };
  }

  #parseHeader(): Header {
    const view = new DataView(this.#headerBytes.buffer);
    if (view.getUint32(0, true) !== FRAME_MAGIC) {
      throw new FrameError("bad_magic", "The engine host's output is not a frame of the protocol.");
    }
    const version = view.getUint16(4, true);
    if (version !== PROTOCOL_VERSION) {
      throw new FrameError("unsupported_version", `The engine host speaks version ${version} of the protocol.`);
    }
    const type = view.getUint16(6, true);
    const requestId = view.getBigUint64(8, true);
    const payloadBytes = view.getBigUint64(16, true);
    const detail = view.getUint32(24, true);
    const isDiagram = type === FRAME_TYPES.diagram;
    const least = LEAST_BYTES.get(type);
    const fixedBytes = HOST_PAYLOAD_BYTES.get(type);
    if (fixedBytes === undefined && least === undefined) {
      throw new FrameError("unknown_type", `The engine host sent a frame of the unknown type ${type}.`);
    }
    if (least !== undefined && payloadBytes > BigInt(this.#maxDiagramBytes)) {
      const what = isDiagram ? "a diagram" : "an answer";
      throw new FrameError("frame_too_long", `The engine host announced ${what} of ${payloadBytes} bytes.`);
    }
    const unit = BigInt(isDiagram ? BAR_BYTES : 8);
    const isLengthPossible =
      least === undefined
        ? payloadBytes === BigInt(fixedBytes ?? 0)
        : payloadBytes >= BigInt(least) && payloadBytes % unit === 0n;
    const isDetailPossible = detail === 0 || isDiagram || type === FRAME_TYPES.representatives;
    const isIdPossible = requestId <= BigInt(Number.MAX_SAFE_INTEGER);
    if (!isLengthPossible || !isDetailPossible || !isIdPossible || view.getUint32(28, true) !== 0) {
      throw new FrameError("invalid_header", "The engine host sent a frame with an invalid header.");
    }
    return { type, requestId: Number(requestId), detail, payloadBytes: Number(payloadBytes) };
  }
}

function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new FrameError("out_of_memory", `There is no memory for a diagram of ${bytes} bytes.`, { cause });
  }
}
