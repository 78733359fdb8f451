import type { RipsQuery } from "@tda-platform/contract/compute-parameters";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import type { InputFile } from "../input/read-input.ts";
import type { ProgressState } from "../output/progress-bar.ts";

/** One computation as the command line asked for it. Parameters that were not given are absent. */
export interface RipsJob {
  readonly input: InputFile;
  readonly parameters: RipsQuery;
}

export interface RipsOutcome {
  readonly result: RipsResult;
  /** The answer's exact bytes, as text. */
  readonly text: string;
  readonly isCached: boolean;
}

export interface RipsWatch {
  readonly signal: AbortSignal;
  readonly onProgress: (state: ProgressState) => void;
}
