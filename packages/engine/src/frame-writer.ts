import {
  ARRAY_ALIGNMENT,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_TYPES,
  OPERATIONS,
  type Operation,
  PROTOCOL_VERSION,
  REQUEST_HEAD_BYTES,
} from "./frame-layout.ts";
import { type CallOptions, toNativeInput, toNativeOptions } from "./native-call.ts";
import type { EngineInput } from "./types.ts";

const LONGEST_BAR = 0xffff_ffff_ffff_ffffn;
const PADDING = new Uint8Array(ARRAY_ALIGNMENT);

function align(bytes: number): number {
  return Math.ceil(bytes / ARRAY_ALIGNMENT) * ARRAY_ALIGNMENT;
}

function writeHeader(view: DataView, type: number, requestId: number, payloadBytes: number): void {
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint16(4, PROTOCOL_VERSION, true);
  view.setUint16(6, type, true);
  view.setBigUint64(8, BigInt(requestId), true);
  view.setBigUint64(16, BigInt(payloadBytes), true);
}

export function cancelFrame(requestId: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  writeHeader(new DataView(bytes.buffer), FRAME_TYPES.cancel, requestId, 0);
  return bytes;
}

/**
 * A REQUEST frame as pieces to be written in order. The arrays among them are views of the caller's memory, not copies:
 * they must not change until the frame is written.
 */
export function requestFrame(
  requestId: number,
  operation: Operation,
  input: EngineInput,
  options: CallOptions,
): Uint8Array[] {
  const nativeInput = toNativeInput(input);
  const nativeOptions = toNativeOptions(options);
  const head = new Uint8Array(FRAME_HEADER_BYTES + REQUEST_HEAD_BYTES);
  const pieces: Uint8Array[] = [head];
  const view = new DataView(head.buffer, FRAME_HEADER_BYTES);

  view.setUint32(0, OPERATIONS[operation], true);
  view.setUint32(4, REQUEST_HEAD_BYTES, true);
  view.setUint32(8, nativeInput.kind, true);
  view.setUint32(12, nativeInput.scalar, true);
  view.setUint32(16, nativeInput.metric, true);
  view.setUint32(20, nativeOptions.maxDimension, true);
  view.setFloat64(24, nativeInput.minkowskiP, true);
  view.setBigUint64(32, BigInt(nativeInput.rows), true);
  view.setBigUint64(40, BigInt(nativeInput.columns), true);
  view.setBigUint64(48, BigInt(nativeInput.entryCount), true);
  view.setFloat64(56, nativeOptions.threshold, true);
  view.setUint32(64, nativeOptions.coefficientField, true);
  view.setUint32(68, nativeOptions.edgeCollapse, true);
  view.setUint32(72, nativeOptions.representatives, true);
  view.setUint32(76, nativeOptions.threads, true);
  view.setBigUint64(80, BigInt(nativeOptions.memoryLimitBytes), true);
  view.setUint32(88, nativeOptions.simdTarget, true);
  view.setUint32(92, nativeOptions.approximation, true);
  view.setFloat64(176, nativeOptions.epsilon, true);
  view.setBigUint64(184, BigInt(nativeOptions.subsamplePoints), true);

  if (operation === "circularCoordinates") {
    view.setBigUint64(144, nativeOptions.bar < 0 ? LONGEST_BAR : BigInt(nativeOptions.bar), true);
    view.setFloat64(152, nativeOptions.scale, true);
  }

  let offset = REQUEST_HEAD_BYTES;
  const arrays = [nativeInput.values, nativeInput.rowIndices, nativeInput.columnIndices];
  arrays.forEach((array, index) => {
    if (array === null || array.byteLength === 0) return;
    const place = 96 + 16 * index;
    view.setBigUint64(place, BigInt(offset), true);
    view.setBigUint64(place + 8, BigInt(array.byteLength), true);
    pieces.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    const padding = align(array.byteLength) - array.byteLength;
    if (padding > 0) pieces.push(PADDING.subarray(0, padding));
    offset += align(array.byteLength);
  });
  writeHeader(new DataView(head.buffer), FRAME_TYPES.request, requestId, offset);
  return pieces;
}
