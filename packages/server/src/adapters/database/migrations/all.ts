import { projectsKeysComputations } from "./0001-projects-keys-computations.ts";
import { rowLevelSecurity } from "./0002-row-level-security.ts";
import { identity } from "./0003-identity.ts";
import { jobs } from "./0004-jobs.ts";
import { datasets } from "./0005-datasets.ts";
import { usageIdempotencyInstances } from "./0006-usage-idempotency-instances.ts";
import { webhooksErasures } from "./0007-webhooks-erasures.ts";
import { sealedValues } from "./0008-sealed-values.ts";
import { eventLog } from "./0009-event-log.ts";
import { streams } from "./0010-streams.ts";
import { streamStates } from "./0011-stream-states.ts";
import { tracesOfJobs } from "./0012-traces-of-jobs.ts";
import type { Migration } from "./migration.ts";

/** In order of their versions. */
export const migrations: readonly Migration[] = [
  projectsKeysComputations,
  rowLevelSecurity,
  identity,
  jobs,
  datasets,
  usageIdempotencyInstances,
  webhooksErasures,
  sealedValues,
  eventLog,
  streams,
  streamStates,
  tracesOfJobs,
];
