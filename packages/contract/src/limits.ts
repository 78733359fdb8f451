import { ACCESS_LIMITS } from "./limits/access.ts";
import { COMPUTATIONS_LIMITS } from "./limits/computations.ts";
import { DATASETS_LIMITS } from "./limits/datasets.ts";
import { JOBS_LIMITS } from "./limits/jobs.ts";
import { PROJECTS_LIMITS } from "./limits/projects.ts";
import { REQUESTS_LIMITS } from "./limits/requests.ts";
import { STREAMS_LIMITS } from "./limits/streams.ts";
import { INLINE_PARSE_BYTES, MAX_COMPRESSION_RATIO } from "./limits/values.ts";

export type { LimitDefinition } from "./limits/definition.ts";
export * from "./limits/values.ts";

/** Every limit of the service, as `GET /v1/limits` and the reference page tell it. */
export const LIMITS = {
  ...REQUESTS_LIMITS,
  ...ACCESS_LIMITS,
  ...COMPUTATIONS_LIMITS,
  ...JOBS_LIMITS,
  ...DATASETS_LIMITS,
  ...STREAMS_LIMITS,
  ...PROJECTS_LIMITS,
};

export type LimitName = keyof typeof LIMITS;
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** Bodies larger than this, plain or compressed, go to a worker thread. Told, because it explains latencies. */
export const WORKER_THRESHOLDS = {
  plainBytes: INLINE_PARSE_BYTES,
  compressedBytes: INLINE_PARSE_BYTES / MAX_COMPRESSION_RATIO,
};
