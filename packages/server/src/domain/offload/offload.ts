import type { KeyObject } from "node:crypto";
import { RETRY_AFTER_SECONDS, WORKER_THRESHOLDS } from "@tda-platform/contract/limits";
import { WorkerEnded, WorkerPool, WorkerPoolFull } from "../../internal/worker-pool.ts";
import { type ResultBars, renderBars } from "../compute/render-bars.ts";
import { chainSimplices } from "../compute/render-representatives.ts";
import type { DatasetContent } from "../datasets/formats/dataset-input.ts";
import { type ParsedJobItem, parseJobRequest, type RawJobRequest } from "../input/job-request.ts";
import {
  type LoadedRipsRequest,
  type ParsedRipsRequest,
  parseRipsRequest,
  type RawRipsRequest,
} from "../input/rips-request.ts";
import { fromPlainProblem, ProblemError } from "../problem.ts";
import { keyedDigest, type OffloadAnswer, type OffloadRequest } from "./tasks.ts";

/** Pairs of a diagram, or simplices of chains, that are written in about 5 ms; more are written by a worker. */
const INLINE_RENDER_PAIRS = 16_384;

export interface OffloadOptions {
  readonly threads: number;
  readonly queueLimit: number;
}

/**
 * Parsing, hashing and writing: small ones at once, large ones on a worker thread, so that no request holds the event
 * loop for more than milliseconds. Large bytes are given away and come back from `digest`.
 */
export class Offload {
  readonly #pool: WorkerPool<OffloadRequest, OffloadAnswer>;

  constructor(options: OffloadOptions) {
    const script = new URL("./worker.ts", import.meta.url);
    this.#pool = new WorkerPool({ script, size: options.threads, queueLimit: options.queueLimit });
  }

  /** @throws ProblemError for whatever is wrong with the request. */
  async parse(raw: RawRipsRequest): Promise<ParsedRipsRequest> {
    if (!isLarge(raw)) return parseRipsRequest(raw);
    const { bytes, ...rest } = raw;
    const answer = await this.#run({ kind: "parse", raw: rest, bytes }, [bytes]);
    if (answer.kind === "problem") throw fromPlainProblem(answer.problem);
    if (answer.kind !== "parsed") throw new Error(`unexpected answer ${answer.kind}`);
    return answer.request;
  }

  /** The jobs of a submission. @throws ProblemError for whatever is wrong with the body as a whole. */
  async parseJobs(raw: RawJobRequest): Promise<readonly ParsedJobItem[]> {
    if (!isLarge(raw)) return parseJobRequest(raw);
    const { bytes, ...rest } = raw;
    const answer = await this.#run({ kind: "parse-jobs", raw: rest, bytes }, [bytes]);
    if (answer.kind === "problem") throw fromPlainProblem(answer.problem);
    if (answer.kind !== "parsed-jobs") throw new Error(`unexpected answer ${answer.kind}`);
    return answer.items;
  }

  /** The input that a dataset's content is, and its hash. The bytes are given away. @throws ProblemError */
  async readDataset(dataset: DatasetContent, bytes: Buffer): Promise<Pick<LoadedRipsRequest, "input" | "inputSha256">> {
    const answer = await this.#run({ kind: "dataset", dataset, bytes }, [bytes]);
    if (answer.kind === "problem") throw fromPlainProblem(answer.problem);
    if (answer.kind !== "input") throw new Error(`unexpected answer ${answer.kind}`);
    return { input: answer.input, inputSha256: answer.inputSha256 };
  }

  /** HMAC of prefix and bytes. The returned bytes replace the given ones, which may have moved. */
  async digest(key: KeyObject, prefix: string, bytes: Buffer): Promise<{ digest: string; bytes: Buffer }> {
    if (bytes.length <= WORKER_THRESHOLDS.plainBytes) return { digest: keyedDigest(key, prefix, bytes), bytes };
    const answer = await this.#run({ kind: "digest", key, prefix, bytes }, [bytes]);
    if (answer.kind !== "digested") throw new Error(`unexpected answer ${answer.kind}`);
    return {
      digest: answer.digest,
      bytes: Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.length),
    };
  }

  /** Diagrams and representatives as JSON text in UTF-8. */
  async render(bars: ResultBars): Promise<Uint8Array> {
    const pairs = bars.diagrams.reduce((sum, diagram) => sum + diagram.length / 2, 0);
    const parts = bars.representatives === null ? pairs : 2 * pairs + chainSimplices(bars.representatives);
    if (parts <= INLINE_RENDER_PAIRS) return Buffer.from(renderBars(bars), "latin1");
    const answer = await this.#run({ kind: "render", bars }, []);
    if (answer.kind !== "rendered") throw new Error(`unexpected answer ${answer.kind}`);
    return answer.text;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #run(request: OffloadRequest, given: readonly Buffer[]): Promise<OffloadAnswer> {
    try {
      return await this.#pool.run(request, given.flatMap(wholeBuffer));
    } catch (error) {
      if (error instanceof WorkerPoolFull) {
        const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS };
        throw new ProblemError("overloaded", "Too many large requests are being read.", extras);
      }
      if (error instanceof WorkerEnded && isOutOfMemory(error.cause)) {
        const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS, cause: error };
        throw new ProblemError("out_of_memory", "The request needs more memory to be read than there is.", extras);
      }
      throw error;
    }
  }
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && (cause as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
}

function isLarge(raw: Pick<RawRipsRequest, "bytes" | "encoding">): boolean {
  const limit = raw.encoding === null ? WORKER_THRESHOLDS.plainBytes : WORKER_THRESHOLDS.compressedBytes;
  return raw.bytes.length > limit;
}

/** A buffer that is a slice of a pool is copied instead: others use the rest of the pool. */
function wholeBuffer(bytes: Buffer): ArrayBuffer[] {
  return bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength ? [bytes.buffer] : [];
}
