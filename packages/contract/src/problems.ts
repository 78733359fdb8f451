import type { Static } from "typebox";
import { REQUEST_ID_PATTERN } from "./identifiers.ts";
import { ACCESS_PROBLEMS } from "./problems/access.ts";
import { DATASETS_PROBLEMS } from "./problems/datasets.ts";
import { ERASURE_PROBLEMS } from "./problems/erasures.ts";
import { INPUT_PROBLEMS } from "./problems/input.ts";
import { JOB_PROBLEMS } from "./problems/jobs.ts";
import { LIMIT_PROBLEMS } from "./problems/limits.ts";
import { REQUEST_PROBLEMS } from "./problems/request.ts";
import { SERVICE_PROBLEMS } from "./problems/service.ts";
import { STREAM_PROBLEMS } from "./problems/streams.ts";

export type { ProblemDefinition } from "./problems/definition.ts";

/** Every problem that the API answers with (RFC 9457). The anchor of a problem's documentation is its code. */
export const PROBLEMS = {
  ...REQUEST_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...INPUT_PROBLEMS,
  ...JOB_PROBLEMS,
  ...STREAM_PROBLEMS,
  ...DATASETS_PROBLEMS,
  ...LIMIT_PROBLEMS,
  ...ERASURE_PROBLEMS,
  ...SERVICE_PROBLEMS,
};

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** `type` of a problem: a reference to its documentation, relative to the server. */
export function problemType(code: ProblemCode): string {
  return `/docs/problems#${code}`;
}

/** One place of a validation problem. `pointer` is a JSON Pointer (RFC 6901) into the body, or into the query by name. */
export const PROBLEM_PLACE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["pointer", "detail"],
  properties: { pointer: { type: "string" }, detail: { type: "string" } },
} as const;
export type ProblemPlace = Static<typeof PROBLEM_PLACE_SCHEMA>;

/** The body of every error answer. Some codes add members, which their definition names. */
export const PROBLEM_SCHEMA = {
  type: "object",
  required: ["type", "title", "status", "detail", "instance", "code", "request_id"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string" },
    request_id: { type: "string", pattern: REQUEST_ID_PATTERN },
    errors: { type: "array", items: PROBLEM_PLACE_SCHEMA },
  },
} as const;
export type Problem = Static<typeof PROBLEM_SCHEMA>;
