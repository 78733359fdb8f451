import { COORDINATES_HEAD_BYTES, REPRESENTATIVES_HEAD_BYTES, VALUES_HEAD_BYTES } from "./frame-layout.ts";
import type {
  NativeCoordinates,
  NativeError,
  NativeEstimate,
  NativeProgress,
  NativeStatistics,
  NativeValues,
} from "./native-call.ts";
import type { DimensionRepresentatives } from "./types.ts";

/** Payloads of the frames that a host sends. FrameReader has checked their lengths. */

export interface HostHello {
  readonly processId: number;
  readonly maxPayloadBytes: number;
  /** 0 = none. */
  readonly memoryLimitBytes: number;
  readonly maxDimension: number;
  readonly engineVersion: string;
  readonly simdTarget: string;
}

export interface HostResult {
  readonly diagramCount: number;
  readonly statistics: NativeStatistics;
  readonly residentBytes: number;
}

export interface HostEstimate {
  readonly estimate: NativeEstimate;
  readonly residentBytes: number;
}

export interface HostCoordinates {
  readonly coordinates: NativeCoordinates;
  readonly residentBytes: number;
}

export interface HostValues {
  readonly values: NativeValues;
  readonly residentBytes: number;
}

export interface HostError {
  readonly error: NativeError;
  readonly residentBytes: number;
}

const NO_INDEX = 0xffff_ffff_ffff_ffffn;
const NO_DIMENSION = 0xffff_ffff;

function uint64(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

function place(view: DataView, offset: number): number | null {
  const value = view.getBigUint64(offset, true);
  return value === NO_INDEX ? null : Number(value);
}

function text(payload: ArrayBuffer, offset: number, length: number): string {
  const bytes = new Uint8Array(payload, offset, length);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

export function readHello(payload: ArrayBuffer): HostHello {
  const view = new DataView(payload);
  return {
    processId: uint64(view, 0),
    maxPayloadBytes: uint64(view, 8),
    memoryLimitBytes: uint64(view, 16),
    maxDimension: view.getUint32(24, true),
    engineVersion: text(payload, 32, 32),
    simdTarget: text(payload, 64, 16),
  };
}

export function readProgress(payload: ArrayBuffer): NativeProgress {
  const view = new DataView(payload);
  return {
    fraction: view.getFloat64(0, true),
    stage: view.getUint32(8, true),
    dimension: view.getUint32(12, true),
    columnsDone: uint64(view, 16),
    columnsTotal: uint64(view, 24),
    bytes: uint64(view, 32),
  };
}

export function readResult(payload: ArrayBuffer): HostResult {
  const view = new DataView(payload);
  return {
    diagramCount: view.getUint32(0, true),
    statistics: {
      simdTarget: view.getUint32(4, true),
      truncated: view.getUint32(12, true),
      points: uint64(view, 16),
      edges: uint64(view, 24),
      simplices: uint64(view, 32),
      threshold: view.getFloat64(40, true),
      enclosingRadius: view.getFloat64(48, true),
      peakBytes: uint64(view, 56),
      seconds: view.getFloat64(64, true),
      approximation: view.getUint32(88, true),
      errorKind: view.getUint32(92, true),
      errorBound: view.getFloat64(96, true),
      coverRadius: view.getFloat64(104, true),
    },
    residentBytes: uint64(view, 72),
  };
}

/** Null: the lengths in the head are not those of the payload. */
export function readRepresentatives(payload: ArrayBuffer, dimension: number): DimensionRepresentatives | null {
  const view = new DataView(payload);
  const bars = uint64(view, 16);
  const simplices = uint64(view, 24);
  const hasChains = view.getUint32(4, true) !== 0;
  const hasLoops = view.getUint32(8, true) !== 0;
  const size = dimension + 1;
  let offset = REPRESENTATIVES_HEAD_BYTES;
  const place = (bytes: number) => {
    const start = offset;
    offset += Math.ceil(bytes / 8) * 8;
    return start;
  };
  const lengths = [bars * size, bars * (size + 1)];
  const [birth, death] = lengths.map((length) => place(4 * length)) as [number, number];
  const offsets = hasChains ? place(8 * (bars + 1)) : 0;
  const chainLengths = hasChains ? [simplices * size, simplices] : [];
  const [chain = 0, coefficients = 0] = chainLengths.map((length) => place(4 * length));
  const loop = hasLoops ? place(4 * simplices) : 0;
  if (offset !== payload.byteLength) return null;
  const numbers = (at: number, length: number) => new Uint32Array(payload, at, length);
  return {
    birthSimplices: numbers(birth, bars * size),
    deathSimplices: numbers(death, bars * (size + 1)),
    chainOffsets: hasChains ? Float64Array.from(new BigUint64Array(payload, offsets, bars + 1), Number) : null,
    chainSimplices: hasChains ? numbers(chain, simplices * size) : null,
    chainCoefficients: hasChains ? numbers(coefficients, simplices) : null,
    loopVertices: hasLoops ? numbers(loop, simplices) : null,
  };
}

/** Null: the number of coordinates is not that of the payload. */
export function readCoordinates(payload: ArrayBuffer): HostCoordinates | null {
  const view = new DataView(payload);
  const count = uint64(view, 8);
  if (payload.byteLength !== COORDINATES_HEAD_BYTES + 8 * count) return null;
  return {
    coordinates: {
      coordinates: new Float64Array(payload, COORDINATES_HEAD_BYTES, count),
      simdTarget: view.getUint32(0, true),
      truncated: view.getUint32(4, true),
      bar: uint64(view, 16),
      birth: view.getFloat64(24, true),
      death: view.getFloat64(32, true),
      scale: view.getFloat64(40, true),
      energy: view.getFloat64(48, true),
      residual: view.getFloat64(56, true),
      steps: uint64(view, 64),
      points: uint64(view, 72),
      edges: uint64(view, 80),
      threshold: view.getFloat64(88, true),
      peakBytes: uint64(view, 96),
      seconds: view.getFloat64(104, true),
    },
    residentBytes: uint64(view, 112),
  };
}

/** Null: the offsets are not those of the payload. */
export function readValues(payload: ArrayBuffer): HostValues | null {
  const view = new DataView(payload);
  const count = uint64(view, 8);
  const start = VALUES_HEAD_BYTES + 8 * (count + 1);
  if (payload.byteLength < start) return null;
  const offsets = Float64Array.from(new BigUint64Array(payload, VALUES_HEAD_BYTES, count + 1), Number);
  if (payload.byteLength !== start + 8 * (offsets[count] as number)) return null;
  return {
    values: {
      simdTarget: view.getUint32(0, true),
      peakBytes: uint64(view, 16),
      seconds: view.getFloat64(24, true),
      offsets,
      values: new Float64Array(payload, start),
    },
    residentBytes: uint64(view, 32),
  };
}

export function readEstimate(payload: ArrayBuffer): HostEstimate {
  const view = new DataView(payload);
  const simplices: number[] = [];
  for (let offset = 64; offset < payload.byteLength; offset += 8) simplices.push(view.getFloat64(offset, true));
  return {
    estimate: {
      exact: view.getUint32(0, true),
      points: uint64(view, 8),
      edges: view.getFloat64(16, true),
      simplices,
      bytes: view.getFloat64(24, true),
      seconds: view.getFloat64(32, true),
      threshold: view.getFloat64(40, true),
    },
    residentBytes: uint64(view, 48),
  };
}

export function readError(payload: ArrayBuffer): HostError {
  const view = new DataView(payload);
  const dimension = view.getUint32(4, true);
  return {
    error: {
      status: view.getUint32(0, true),
      dimension: dimension === NO_DIMENSION ? null : dimension,
      row: place(view, 8),
      column: place(view, 16),
      bytes: uint64(view, 24),
      message: text(payload, 48, 240),
    },
    residentBytes: uint64(view, 32),
  };
}
