import { createHmac, type KeyObject } from "node:crypto";
import type { EngineInput } from "@tda-platform/engine/types";
import { type ResultBars, renderBars } from "../compute/render-bars.ts";
import { type DatasetContent, inputFromDataset } from "../datasets/formats/dataset-input.ts";
import { canonicalInputSha256 } from "../input/canonical-input.ts";
import { type ParsedJobItem, parseJobRequest, type RawJobRequest } from "../input/job-request.ts";
import { type ParsedRipsRequest, parseRipsRequest, type RawRipsRequest } from "../input/rips-request.ts";
import { type PlainProblem, ProblemError, toPlainProblem } from "../problem.ts";

/** What may be done on a worker thread. Bytes are owned by the message. */
export type OffloadRequest =
  | { readonly kind: "parse"; readonly raw: Omit<RawRipsRequest, "bytes">; readonly bytes: Uint8Array }
  | { readonly kind: "parse-jobs"; readonly raw: Omit<RawJobRequest, "bytes">; readonly bytes: Uint8Array }
  | { readonly kind: "digest"; readonly key: KeyObject; readonly prefix: string; readonly bytes: Uint8Array }
  | { readonly kind: "render"; readonly bars: ResultBars }
  | { readonly kind: "dataset"; readonly dataset: DatasetContent; readonly bytes: Uint8Array };

export type OffloadAnswer =
  | { readonly kind: "input"; readonly input: EngineInput; readonly inputSha256: string }
  | { readonly kind: "parsed"; readonly request: ParsedRipsRequest }
  | { readonly kind: "parsed-jobs"; readonly items: readonly ParsedJobItem[] }
  | { readonly kind: "problem"; readonly problem: PlainProblem }
  /** Gives the bytes back to the caller. */
  | { readonly kind: "digested"; readonly digest: string; readonly bytes: Uint8Array }
  | { readonly kind: "rendered"; readonly text: Uint8Array };

/** Does one task. Problems of the request are answers; anything else is a defect and ends the worker. */
export function doTask(request: OffloadRequest): OffloadAnswer | Promise<OffloadAnswer> {
  switch (request.kind) {
    case "dataset":
      return readDataset(request.dataset, request.bytes);
    case "parse":
      return problemsAsAnswers(() => {
        const parsed = parseRipsRequest({ ...request.raw, bytes: asBuffer(request.bytes) });
        return { kind: "parsed", request: parsed };
      });
    case "parse-jobs":
      return problemsAsAnswers(() => {
        const items = parseJobRequest({ ...request.raw, bytes: asBuffer(request.bytes) });
        return { kind: "parsed-jobs", items };
      });
    case "digest":
      return {
        kind: "digested",
        digest: keyedDigest(request.key, request.prefix, request.bytes),
        bytes: request.bytes,
      };
    case "render":
      return { kind: "rendered", text: new TextEncoder().encode(renderBars(request.bars)) };
  }
}

/** HMAC-SHA-256 of a prefix and bytes, in base64. The prefix ends with a line end, so that the two can't be confused. */
export function keyedDigest(key: KeyObject, prefix: string, bytes: Uint8Array): string {
  return createHmac("sha256", key).update(prefix).update(bytes).digest("base64");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function readDataset(dataset: DatasetContent, bytes: Uint8Array): Promise<OffloadAnswer> {
  try {
    const input = await inputFromDataset(dataset, asBuffer(bytes));
    return { kind: "input", input, inputSha256: canonicalInputSha256(input) };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: "problem", problem: toPlainProblem(error) };
    throw error;
  }
}

function problemsAsAnswers(work: () => OffloadAnswer): OffloadAnswer {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProblemError) return { kind: "problem", problem: toPlainProblem(error) };
    throw error;
  }
}

/** The buffers of an answer that move instead of being copied. */
export function transferOf(answer: OffloadAnswer): ArrayBuffer[] {
  switch (answer.kind) {
    case "parsed":
      return inputBuffers(answer.request.input);
    case "parsed-jobs":
      return answer.items.flatMap((item) => ("job" in item ? inputBuffers(item.job.request.input) : []));
    case "input":
      return inputBuffers(answer.input);
    case "digested":
      return ownBuffer(answer.bytes);
    case "rendered":
      return ownBuffer(answer.text);
    case "problem":
      return [];
  }
}

function inputBuffers(input: ParsedRipsRequest["input"]): ArrayBuffer[] {
  if (input.kind === "dataset") return [];
  return input.kind === "sparse-distances"
    ? [input.values, input.rowIndices, input.columnIndices].flatMap(ownBuffer)
    : ownBuffer(input.values);
}

/** The array's buffer, if it is all of it and can be given away. */
function ownBuffer(array: Uint8Array | Uint32Array | Float32Array | Float64Array): ArrayBuffer[] {
  return array.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength ? [array.buffer] : [];
}
