import { ACCESS_OPERATIONS } from "./operations/access.ts";
import { AUDIT_OPERATIONS } from "./operations/audit.ts";
import { COMPUTE_OPERATIONS } from "./operations/compute.ts";
import { DATASETS_OPERATIONS } from "./operations/datasets.ts";
import type { OperationDefinition } from "./operations/definition.ts";
import { ERASURE_OPERATIONS } from "./operations/erasures.ts";
import { IDENTITY_OPERATIONS } from "./operations/identity.ts";
import { JOB_OPERATIONS } from "./operations/jobs.ts";
import { SERVICE_OPERATIONS } from "./operations/service.ts";
import { STREAM_OPERATIONS } from "./operations/streams.ts";
import { WEBHOOK_OPERATIONS } from "./operations/webhooks.ts";

export {
  ACCESS_PROBLEMS,
  COMMON_PROBLEMS,
  type HttpMethod,
  IDEMPOTENCY_PROBLEMS,
  OPERATION_TAGS,
  type OperationDefinition,
  type OperationResponse,
} from "./operations/definition.ts";

/** Every operation of the API, by id: routes, validation, OpenAPI and the reference are made of it. */
export const OPERATIONS = {
  ...COMPUTE_OPERATIONS,
  ...JOB_OPERATIONS,
  ...STREAM_OPERATIONS,
  ...IDENTITY_OPERATIONS,
  ...ACCESS_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...DATASETS_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...ERASURE_OPERATIONS,
  ...SERVICE_OPERATIONS,
};

export type OperationId = keyof typeof OPERATIONS;
export const OPERATION_IDS = Object.keys(OPERATIONS) as OperationId[];

/** An operation by id, under the general type. */
export function operation(id: OperationId): OperationDefinition {
  return OPERATIONS[id];
}
