import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ARRAY_ALIGNMENT, FRAME_HEADER_BYTES, REQUEST_HEAD_BYTES } from "./frame-layout.ts";
import { cancelFrame, requestFrame } from "./frame-writer.ts";
import type { EngineInput, VietorisRipsOptions } from "./types.ts";

const options: VietorisRipsOptions = {
  maxDimension: 2,
  threshold: 1.5,
  coefficientField: 3,
  edgeCollapse: "off",
  representatives: "none",
  threads: 4,
  memoryLimitBytes: 2 ** 40,
};

function sparse(count: number): EngineInput {
  return {
    kind: "sparse-distances",
    rows: 9,
    values: Float32Array.from({ length: count }, (_, i) => i / 2),
    rowIndices: Uint32Array.from({ length: count }, (_, i) => i + 1),
    columnIndices: Uint32Array.from({ length: count }, (_, i) => 7 * i),
  };
}

function join(pieces: readonly Uint8Array[]): DataView {
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

describe("requestFrame", () => {
  it("places each array at a multiple of the alignment, as long as it is, within the announced length", () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), (count) => {
        const input = sparse(count);
        const view = join(requestFrame(5, "vietorisRips", input, options));
        const payloadBytes = Number(view.getBigUint64(16, true));
        expect(view.byteLength).toBe(FRAME_HEADER_BYTES + payloadBytes);
        expect(payloadBytes % ARRAY_ALIGNMENT).toBe(0);
        for (const place of [96, 112, 128]) {
          const offset = Number(view.getBigUint64(FRAME_HEADER_BYTES + place, true));
          const bytes = Number(view.getBigUint64(FRAME_HEADER_BYTES + place + 8, true));
          expect(bytes).toBe(4 * count);
          expect(offset % ARRAY_ALIGNMENT).toBe(0);
          expect(count === 0 ? offset === 0 : offset >= REQUEST_HEAD_BYTES && offset + bytes <= payloadBytes).toBe(
            true,
          );
        }
      }),
    );
  });

  it("carries the options", () => {
    const view = join(requestFrame(2 ** 40, "estimateVietorisRips", sparse(1), options));
    const at = (offset: number) => FRAME_HEADER_BYTES + offset;
    expect(view.getBigUint64(8, true)).toBe(2n ** 40n);
    expect(view.getUint32(at(0), true)).toBe(2);
    expect(view.getUint32(at(20), true)).toBe(2);
    expect(view.getFloat64(at(56), true)).toBe(1.5);
    expect(view.getUint32(at(64), true)).toBe(3);
    expect(view.getUint32(at(68), true)).toBe(2);
    expect(view.getUint32(at(76), true)).toBe(4);
    expect(view.getBigUint64(at(80), true)).toBe(2n ** 40n);
  });

  it("carries an approximation, and zeros without one", () => {
    const fields = (given: VietorisRipsOptions) => {
      const view = join(requestFrame(1, "vietorisRips", sparse(1), given));
      const at = (offset: number) => FRAME_HEADER_BYTES + offset;
      return [view.getUint32(at(92), true), view.getFloat64(at(176), true), view.getBigUint64(at(184), true)];
    };
    expect(fields(options)).toEqual([0, 0, 0n]);
    expect(fields({ ...options, approximation: null })).toEqual([0, 0, 0n]);
    expect(fields({ ...options, approximation: { method: "sparse-rips", epsilon: 0.25 } })).toEqual([1, 0.25, 0n]);
    expect(fields({ ...options, approximation: { method: "subsample", points: 1000 } })).toEqual([2, 0, 1000n]);
  });

  it("does not copy the arrays", () => {
    const all = new Float64Array(100);
    const values = all.subarray(10, 70);
    const input: EngineInput = { kind: "points", values, rows: 20, columns: 3, metric: "euclidean", minkowskiP: null };
    const pieces = requestFrame(1, "vietorisRips", input, options);
    const view = pieces.find((piece) => piece.buffer === all.buffer);
    expect(view?.byteOffset).toBe(80);
    expect(view?.byteLength).toBe(480);
  });
});

describe("cancelFrame", () => {
  it("is a header alone", () => {
    const frame = cancelFrame(7);
    expect(frame.length).toBe(FRAME_HEADER_BYTES);
    const view = new DataView(frame.buffer);
    expect(view.getUint16(6, true)).toBe(3);
    expect(view.getBigUint64(8, true)).toBe(7n);
    expect(view.getBigUint64(16, true)).toBe(0n);
  });
});
