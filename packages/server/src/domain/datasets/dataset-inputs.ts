import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import { isLoaded, type LoadedRipsRequest, type ParsedRipsRequest } from "../input/rips-request.ts";
import type { Offload } from "../offload/offload.ts";
import { ProblemError, problemAt } from "../problem.ts";
import { collect, type DatasetService } from "./dataset-service.ts";
import type { StoredDataset } from "./ports.ts";

const VALUE_BYTES = 8;
/** Datasets that are computed with at the same time, as a multiple of the largest. */
const AT_ONCE = 2;

/** A request whose input is at hand, and what to call once it no longer is needed. */
export interface HeldRequest {
  readonly request: LoadedRipsRequest;
  release(): void;
}

/** Reads datasets as inputs of computations, so many bytes of them at a time. */
export class DatasetInputs {
  readonly #datasets: Pick<DatasetService, "find" | "content">;
  readonly #offload: Offload;
  readonly #limitBytes: number;
  #leftBytes: number;

  constructor(datasets: Pick<DatasetService, "find" | "content">, offload: Offload, limitBytes: number) {
    this.#datasets = datasets;
    this.#offload = offload;
    this.#limitBytes = limitBytes;
    this.#leftBytes = limitBytes * AT_ONCE;
  }

  /** The dataset that a request is about; null: its input came with it. @throws ProblemError `not_found` */
  async find(projectId: string, { input }: ParsedRipsRequest): Promise<StoredDataset | null> {
    if (input.kind !== "dataset") return null;
    return await this.#datasets.find(projectId, input.id).catch((error: unknown) => {
      const isMissing = error instanceof ProblemError && error.code === "not_found";
      throw isMissing ? problemAt("not_found", "/dataset_id", error.message) : error;
    });
  }

  /** @throws ProblemError `not_found`, `dataset_input_too_large`, `overloaded`; what is wrong with the content as an input. */
  async load(projectId: string, parsed: ParsedRipsRequest): Promise<HeldRequest> {
    const dataset = await this.find(projectId, parsed);
    return await this.read(dataset, parsed);
  }

  async read(dataset: StoredDataset | null, parsed: ParsedRipsRequest): Promise<HeldRequest> {
    if (dataset === null) {
      if (!isLoaded(parsed)) throw new Error("a dataset is found before it is read");
      return { request: parsed, release: () => undefined };
    }
    const bytes = this.#requireFitting(dataset);
    let isHeld = true;
    const release = (): void => {
      if (isHeld) this.#leftBytes += bytes;
      isHeld = false;
    };
    this.#leftBytes -= bytes;
    try {
      const content = await collect(this.#datasets.content(dataset));
      const { kind, format } = dataset;
      const maxValues = this.#limitBytes / VALUE_BYTES;
      const loaded = await this.#offload.readDataset({ kind, format, maxValues }, content);
      return { request: { ...parsed, ...loaded }, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #requireFitting({ rows, columns, bytes }: StoredDataset): number {
    const needed = Math.max(bytes, rows * columns * VALUE_BYTES);
    if (needed > this.#limitBytes) {
      const detail = `The dataset needs ${needed} bytes as an input; the limit is ${this.#limitBytes}.`;
      throw problemAt("dataset_input_too_large", "/dataset_id", detail);
    }
    if (needed <= this.#leftBytes) return needed;
    throw new ProblemError("overloaded", "Too many large datasets are being computed with.", {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}
