import {
  JOB_BATCH_REQUEST_SCHEMA,
  JOB_ENVELOPE_SCHEMA,
  type JobAlgorithm,
  type JobEnvelope,
} from "@tda-platform/contract/jobs";
import type { RequestEncoding } from "@tda-platform/contract/media-types";
import { type PlainProblem, ProblemError, problemAt, toPlainProblem } from "../problem.ts";
import { CALLBACK_URL_RULE, isCallbackUrl } from "../webhooks/callback-url.ts";
import { decodeContent } from "./decode-content.ts";
import { parseJsonBody } from "./json-body.ts";
import { type ParsedRipsRequest, parseRipsBody } from "./rips-request.ts";
import { compileSchema, refuseFindings } from "./schema-validation.ts";

/** A submission as it came. */
export interface RawJobRequest {
  readonly bytes: Buffer;
  readonly encoding: RequestEncoding | null;
  readonly bodyLimitBytes: number;
  /** One job, or `{ "jobs": [...] }`. */
  readonly isBatch: boolean;
}

/** A job as it was asked for, understood but not resolved. */
export interface ParsedJob {
  readonly algorithm: JobAlgorithm;
  readonly request: ParsedRipsRequest;
  readonly priority: number;
  readonly callbackUrl: string | null;
  readonly deadlineSeconds: number | null;
  readonly cpuLimitSeconds: number | null;
}

/** One of a batch: understood, or why not. */
export type ParsedJobItem = { readonly job: ParsedJob } | { readonly problem: PlainProblem };

const findEnvelopeErrors = compileSchema(JOB_ENVELOPE_SCHEMA);
const findBatchErrors = compileSchema({
  ...JOB_BATCH_REQUEST_SCHEMA,
  properties: { jobs: { ...JOB_BATCH_REQUEST_SCHEMA.properties.jobs, items: {} } },
});

/** Reads a submission: a batch item by item. @throws ProblemError for whatever is wrong with the body as a whole. */
export function parseJobRequest(raw: RawJobRequest): readonly ParsedJobItem[] {
  const body = parseJsonBody(decodeContent(raw.bytes, raw.encoding, raw.bodyLimitBytes));
  if (!raw.isBatch) return [{ job: parseJob(body, "") }];
  refuseFindings(findBatchErrors(body));
  const { jobs } = body as { jobs: unknown[] };
  return jobs.map((job, i) => {
    try {
      return { job: parseJob(job, `/jobs/${i}`) };
    } catch (error) {
      if (error instanceof ProblemError) return { problem: toPlainProblem(error) };
      throw error;
    }
  });
}

function parseJob(body: unknown, place: string): ParsedJob {
  return below(place, () => {
    refuseFindings(findEnvelopeErrors(body));
    const envelope = body as JobEnvelope;
    const { algorithm, input, priority = 0, callback_url: callbackUrl = null } = envelope;
    refuseCallback(callbackUrl);
    const form = algorithm === "vietoris-rips" ? "rips" : "circular";
    return {
      algorithm,
      request: below("/input", () => parseRipsBody(input, form)),
      priority,
      callbackUrl,
      deadlineSeconds: envelope.deadline_seconds ?? null,
      cpuLimitSeconds: envelope.cpu_limit_seconds ?? null,
    };
  });
}

function refuseCallback(text: string | null): void {
  if (text === null || isCallbackUrl(text)) return;
  throw problemAt("invalid_callback_url", "/callback_url", CALLBACK_URL_RULE);
}

/** Runs what reads a part of the body: the places of its problem are in that part. */
export function below<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw movedBelow(place, error);
  }
}

/** The problem with its places moved; other errors as they are. */
export function movedBelow(place: string, error: unknown): unknown {
  if (!(error instanceof ProblemError) || place === "") return error;
  const places = error.places.map(({ pointer, detail }) => ({ pointer: place + pointer, detail }));
  return new ProblemError(error.code, error.message, {
    places,
    members: error.members,
    ...(error.retryAfterSeconds === null ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}
