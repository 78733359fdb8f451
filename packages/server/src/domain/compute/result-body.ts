import type { RipsResult } from "@tda-platform/contract/compute-results";
import type { Engine, VietorisRipsResult } from "@tda-platform/engine/types";
import type { ResolvedRequest } from "./resolve-request.ts";

/**
 * A result as it is kept: the answer's JSON from `"diagrams"` to its end, and the memory that the computation needed. The
 * members before it (id and parameters) are each answer's own.
 */
export interface StoredResult {
  readonly tail: Uint8Array;
  readonly peakBytes: number;
}

const PEAK_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** A stored result as the bytes of a cache entry. */
export function encodeStored(result: StoredResult): Uint8Array {
  const bytes = Buffer.allocUnsafe(PEAK_BYTES + result.tail.length);
  bytes.writeDoubleLE(result.peakBytes, 0);
  bytes.set(result.tail, PEAK_BYTES);
  return bytes;
}

export function decodeStored(bytes: Uint8Array): StoredResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { peakBytes: view.getFloat64(0, true), tail: bytes.subarray(PEAK_BYTES) };
}

/** Everything of the answer after its parameters. `bars` is what `renderBars` made. */
export function storedResult(
  bars: Uint8Array,
  result: VietorisRipsResult,
  request: ResolvedRequest,
  engine: Pick<Engine, "kind" | "version">,
): StoredResult {
  const { statistics } = result;
  const provenance: RipsResult["provenance"] = {
    input_sha256: request.inputSha256,
    scale: "diameter",
    coefficient_field: request.parameters.coefficient_field,
    threshold: finiteOrNull(statistics.threshold),
    truncated: statistics.truncated,
    method: statistics.method,
    error_bound: statistics.errorBound,
    error_kind: statistics.errorKind,
    cover_radius: statistics.method === "subsample" ? statistics.coverRadius : null,
    engine: engine.kind,
    engine_version: engine.version,
  };
  const rest = { provenance, statistics: statisticsBody(result) };
  const tail = Buffer.concat([bars, Buffer.from(`,${JSON.stringify(rest).slice(1)}`)]);
  return { tail, peakBytes: statistics.peakBytes };
}

function statisticsBody({ statistics }: VietorisRipsResult): RipsResult["statistics"] {
  const { points, edges, simplices, computeMs, peakBytes } = statistics;
  return { points, edges, simplices, compute_ms: computeMs, peak_bytes: peakBytes };
}

/** JSON has no infinity: an infinite threshold is null. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What an answer has before the tail of its result, in ASCII. `parameters` is their JSON text. */
export function answerHead(id: string, parameters: string, algorithm = "vietoris-rips"): string {
  return `{"id":"${id}","algorithm":"${algorithm}","parameters":${parameters},`;
}

/** The whole answer. */
export function answerBody(head: string, tail: Uint8Array): Buffer {
  const body = Buffer.allocUnsafe(head.length + tail.length);
  body.write(head, 0, "latin1");
  body.set(tail, head.length);
  return body;
}
