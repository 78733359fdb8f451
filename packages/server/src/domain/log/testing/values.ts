import type { JobEvent } from "@tda-platform/contract/events/job-event";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";

/** A value of the topic `events`. */
export function pointsOf(more: Partial<StreamEvent> = {}): StreamEvent {
  return {
    project_id: "prj_1",
    stream_id: "str_1",
    key: "sensor-1",
    definition_version: 1,
    received_at: 1_795_000_000_000,
    kind: "points",
    batch_id: "b1",
    batch_part: 0,
    body_hash: Uint8Array.of(0, 1, 2, 255),
    points: [{ index: 0, t: -5, v: [0.1, -0, Number.MAX_VALUE] }],
    last_seq: null,
    forget: false,
    ...more,
  };
}

/** A value of the topic `jobs`. */
export function jobEvent(more: Partial<JobEvent> = {}): JobEvent {
  return {
    project_id: "prj_1",
    job_id: "job_1",
    version: 1,
    type: "job.submitted",
    algorithm: "vietoris-rips",
    status: "queued",
    attempt: 0,
    progress: 0,
    stage: null,
    error: null,
    time: 1_795_000_000_000,
    ...more,
  };
}
