import type { JobEventType } from "@tda-platform/contract/jobs";

/** Channels of LISTEN and NOTIFY. */
export const CHANNELS = {
  queued: "tda_jobs_queued",
  cancelled: "tda_jobs_cancelled",
  events: "tda_jobs_events",
} as const;

/** A notification carries at most 8,000 bytes; an id takes 41 with its comma. */
const idsOfNotification = 150;

/** The events of one statement's rows: inserted with them, and told to whoever follows these jobs. */
export interface Told {
  /** Common table expressions, to come after that of the rows. */
  readonly expressions: string;
  /** To be selected: a common table expression that nobody reads does not run. */
  readonly told: string;
}

/**
 * Records an event of each row of the expression `rows` (columns of tda.jobs after the change, with its new version), in the
 * same statement. `type` is SQL. `name` makes the expressions' names unique.
 */
export function tell(rows: string, type: string, name = rows): Told {
  return {
    expressions: `${name}_recorded as (
        insert into tda.outbox (project_id, topic, aggregate_id, version, lane, type, payload, traceparent)
        select project_id, 'jobs', id, version, get_byte(sha256(convert_to(id, 'UTF8')), 0) & 63, ${type}, ${payload}, traceparent
        from ${rows}
      ), ${name}_told as (
        select pg_notify('${CHANNELS.events}', string_agg(id, ',')) from (
          select id, (row_number() over ()) / ${idsOfNotification} as share from ${rows}
        ) shared group by share
      )`,
    told: `(select count(*) from ${name}_told)`,
  };
}

/** A type as SQL. */
export function eventType(type: JobEventType): string {
  return `'${type}'`;
}

const payload = `json_build_object(
  'job_id', id, 'algorithm', algorithm, 'status', status, 'attempt', attempt, 'progress', progress, 'stage', stage,
  'error', error ->> 'code', 'time', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
