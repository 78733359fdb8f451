import type { TraceFields } from "./trace-context.ts";

/** What is logged of a request, in the order of the line. */
export interface RequestFields extends TraceFields {
  readonly request_id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly principal?: string;
}

export const REQUEST_MESSAGE = "request";

/** Everything that JSON would write otherwise: quotes, backslashes, control and non-ASCII characters. */
const NEEDS_ESCAPES = /[^ !#-[\]-~]/;

/**
 * A request's line as the logger would write it, at a tenth of the cost: its fields are known, and hold nothing that could
 * carry a secret.
 */
export function requestLine(level: number, time: number, fields: RequestFields): string {
  const { principal, trace_id, parent_span_id } = fields;
  return (
    `{"level":${level},"time":"${isoTime(time)}","request_id":${quoted(fields.request_id)},"method":${quoted(fields.method)}` +
    `,"path":${quoted(fields.path)},"status":${fields.status},"duration_ms":${fields.duration_ms}` +
    (principal === undefined ? "" : `,"principal":${quoted(principal)}`) +
    (trace_id === undefined ? "" : `,"trace_id":"${trace_id}","parent_span_id":"${parent_span_id}"`) +
    `,"msg":"${REQUEST_MESSAGE}"}\n`
  );
}

function quoted(text: string): string {
  return NEEDS_ESCAPES.test(text) ? JSON.stringify(text) : `"${text}"`;
}

let latestMs = -1;
let latestTime = "";

/** Many lines share a millisecond. */
function isoTime(ms: number): string {
  if (ms !== latestMs) {
    latestMs = ms;
    latestTime = new Date(ms).toISOString();
  }
  return latestTime;
}
