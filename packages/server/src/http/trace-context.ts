import type { FastifyRequest } from "fastify";

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/;

/** The caller's trace, as fields of log lines (W3C Trace Context). */
export interface TraceFields {
  readonly trace_id?: string;
  readonly parent_span_id?: string;
}

/** Reads `traceparent`; an invalid one is as none. Version 00 has exactly four parts, later ones may have more. */
export function traceFields(header: string | undefined): TraceFields {
  if (header === undefined || header.length > 512) return {};
  const match = TRACEPARENT.exec(header);
  if (match === null || (header.startsWith("00-") && header.length !== 55)) return {};
  return { trace_id: match[1]!, parent_span_id: match[2]! };
}

/** The caller's trace, to go with what it brings about; null: there is none, or it is not valid. */
export function traceparentOf(request: FastifyRequest): string | null {
  const header = request.raw.headers.traceparent as string | undefined;
  return header !== undefined && traceFields(header).trace_id !== undefined ? header : null;
}
