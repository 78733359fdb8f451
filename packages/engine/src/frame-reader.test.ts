import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME_HEADER_BYTES, FRAME_MAGIC, FRAME_TYPES, HOST_PAYLOAD_BYTES } from "./frame-layout.ts";
import { type Frame, FrameError, type FrameErrorCode, FrameReader } from "./frame-reader.ts";

const MAX_DIAGRAM_BYTES = 4096;

interface HeaderFields {
  magic?: number;
  version?: number;
  type?: number;
  requestId?: bigint;
  payloadBytes?: bigint;
  detail?: number;
  reserved?: number;
}

function header(fields: HeaderFields): Uint8Array {
  const view = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES));
  view.setUint32(0, fields.magic ?? FRAME_MAGIC, true);
  view.setUint16(4, fields.version ?? 1, true);
  view.setUint16(6, fields.type ?? FRAME_TYPES.diagram, true);
  view.setBigUint64(8, fields.requestId ?? 1n, true);
  view.setBigUint64(16, fields.payloadBytes ?? 0n, true);
  view.setUint32(24, fields.detail ?? 0, true);
  view.setUint32(28, fields.reserved ?? 0, true);
  return new Uint8Array(view.buffer);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The bytes of a stream in chunks that end at the given places, wherever these fall. */
function split(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function readAll(chunks: readonly Uint8Array[]): Frame[] {
  const reader = new FrameReader(MAX_DIAGRAM_BYTES);
  const frames = chunks.flatMap((chunk) => reader.push(chunk));
  reader.end();
  return frames;
}

function codeOf(run: () => unknown): FrameErrorCode | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof FrameError) return error.code;
    throw error;
  }
}

const fixedFrame = fc
  .constantFrom(...HOST_PAYLOAD_BYTES)
  .chain(([type, bytes]) =>
    fc.record({ type: fc.constant(type), payload: fc.uint8Array({ minLength: bytes, maxLength: bytes }) }),
  )
  .map(({ type, payload }) => ({ type, payload, detail: 0 }));
const diagramFrame = fc
  .record({ bars: fc.integer({ min: 0, max: 20 }), detail: fc.integer({ min: 0, max: 16 }) })
  .chain(({ bars, detail }) =>
    fc.uint8Array({ minLength: 16 * bars, maxLength: 16 * bars }).map((payload) => ({ type: 5, payload, detail })),
  );
const validFrame = fc
  .tuple(fc.oneof(fixedFrame, diagramFrame), fc.maxSafeNat())
  .map(([frame, requestId]) => ({ ...frame, requestId }));
type ValidFrame = typeof validFrame extends fc.Arbitrary<infer T> ? T : never;

function encode({ type, requestId, detail, payload }: ValidFrame): Uint8Array {
  const fields = { type, detail, requestId: BigInt(requestId), payloadBytes: BigInt(payload.length) };
  return concatenate([header(fields), payload]);
}

const places = fc.array(fc.nat({ max: 100_000 }), { maxLength: 40 });

describe("FrameReader", () => {
  it("reads the same frames wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(validFrame, { maxLength: 8 }), places, (sent, cuts) => {
        const read = readAll(split(concatenate(sent.map(encode)), cuts));
        expect(read.map((frame) => ({ ...frame, payload: new Uint8Array(frame.payload) }))).toEqual(sent);
      }),
    );
  });

  it("gives each payload a buffer of its own, which doubles fit", () => {
    const bars = new Float64Array([0, 1, 0.5, Number.POSITIVE_INFINITY]);
    const bytes = concatenate([header({ payloadBytes: 32n }), new Uint8Array(bars.buffer)]);
    const [frame] = readAll(split(bytes, [5, 33, 41]));
    expect(new Float64Array(frame?.payload ?? new ArrayBuffer(0))).toEqual(bars);
    expect(frame?.payload.byteLength).toBe(32);
  });

  it("tells a stream that ends within a frame from one that ends after it", () => {
    fc.assert(
      fc.property(validFrame, fc.nat({ max: 100_000 }), (sent, place) => {
        const bytes = encode(sent);
        const kept = place % (bytes.length + 1);
        const isWhole = kept === 0 || kept === bytes.length;
        expect(codeOf(() => readAll([bytes.subarray(0, kept)]))).toBe(isWhole ? null : "truncated");
      }),
    );
  });

  it.each<[string, HeaderFields, FrameErrorCode]>([
    ["another magic", { magic: 0x4641_4455 }, "bad_magic"],
    ["another version", { version: 2 }, "unsupported_version"],
    ["a type that does not exist", { type: 99 }, "unknown_type"],
    ["a type that only a client sends", { type: FRAME_TYPES.request }, "unknown_type"],
    ["a diagram above the limit", { payloadBytes: BigInt(MAX_DIAGRAM_BYTES) + 16n }, "frame_too_long"],
    ["a length of all ones", { payloadBytes: 0xffff_ffff_ffff_fff0n }, "frame_too_long"],
    ["half a bar", { payloadBytes: 8n }, "invalid_header"],
    ["a fixed payload that is too long", { type: FRAME_TYPES.progress, payloadBytes: 48n }, "invalid_header"],
    ["a fixed payload that is too short", { type: FRAME_TYPES.hello, payloadBytes: 0n }, "invalid_header"],
    ["a detail where there is none", { type: FRAME_TYPES.pong, payloadBytes: 24n, detail: 1 }, "invalid_header"],
    ["a reserved field", { reserved: 1 }, "invalid_header"],
    ["a request id beyond 2^53", { requestId: 2n ** 53n }, "invalid_header"],
  ])("refuses %s", (_name, fields, code) => {
    expect(codeOf(() => new FrameReader(MAX_DIAGRAM_BYTES).push(header(fields)))).toBe(code);
  });

  it("takes no memory for a length that it refuses", () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) {
      expect(codeOf(() => new FrameReader(1024).push(header({ payloadBytes: 2n ** 30n })))).toBe("frame_too_long");
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 29);
  });

  it("either reads corrupt streams or refuses them, without another failure or a larger payload than allowed", () => {
    const change = fc.record({ place: fc.nat({ max: 100_000 }), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(validFrame, { minLength: 1, maxLength: 4 }),
        fc.array(change, { maxLength: 6 }),
        places,
        (sent, changes, cuts) => {
          const bytes = concatenate(sent.map(encode));
          for (const { place, value } of changes) bytes[place % bytes.length] = value;
          const frames: Frame[] = [];
          const code = codeOf(() => frames.push(...readAll(split(bytes, cuts))));
          expect(code === null || typeof code === "string").toBe(true);
          for (const { payload } of frames) expect(payload.byteLength).toBeLessThanOrEqual(MAX_DIAGRAM_BYTES);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("refuses noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (noise) => {
        const startsLikeAFrame =
          noise.length < 4 || new DataView(noise.buffer, noise.byteOffset).getUint32(0, true) === FRAME_MAGIC;
        fc.pre(!startsLikeAFrame);
        expect(codeOf(() => readAll([noise]))).toBe(noise.length < FRAME_HEADER_BYTES ? "truncated" : "bad_magic");
      }),
    );
  });
});
