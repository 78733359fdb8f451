import { randomUUID } from "node:crypto";

export interface CloudEvent {
  /** What happened: `job.completed`. */
  readonly type: string;
  /** What it happened to, as a path: `/v1/jobs/job_…`. */
  readonly source: string;
  /** Unique with the source; a random one unless told. */
  readonly id?: string;
  readonly time: Date;
  readonly traceparent?: string | null;
}

/** The headers of a record (contract, `EVENT_HEADERS`). */
export function cloudEventHeaders({
  type,
  source,
  id,
  time,
  traceparent,
}: CloudEvent): Readonly<Record<string, string>> {
  const headers = {
    ce_specversion: "1.0",
    ce_id: id ?? randomUUID(),
    ce_source: source,
    ce_type: type,
    ce_time: time.toISOString(),
  };
  return traceparent == null ? headers : { ...headers, traceparent };
}
