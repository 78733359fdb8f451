import type { ComputationEvent } from "@tda-platform/contract/events/computation-event";
import type { JobEvent } from "@tda-platform/contract/events/job-event";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { cloudEventHeaders } from "./cloud-events.ts";
import type { EventCodec, LogMessage } from "./event-log.ts";
import type { OutboxRow } from "./outbox.ts";

type Codec = Pick<EventCodec, "encode">;

/** As the outbox has it (`job-events.ts`). */
interface JobPayload {
  readonly job_id: string;
  readonly algorithm: string;
  readonly status: string;
  readonly attempt: number;
  readonly progress: number;
  readonly stage: string | null;
  readonly error: string | null;
  readonly time: string;
}

/**
 * The log's records of a change, in order: of a batch of computations one each, of a deleted stream a tombstone for each version of its
 * definition. @throws Error when the payload is none of its topic; DependencyUnavailable
 */
export function messagesOf(row: OutboxRow, codec: Codec): readonly LogMessage[] {
  switch (row.topic) {
    case "jobs":
      return [jobMessage(row, codec)];
    case "computations":
      return computationMessages(row, codec);
    case "streams":
      return streamMessages(row, codec);
    default:
      throw new RangeError(`the outbox has a row of the topic ${row.topic}`);
  }
}

function jobMessage(row: OutboxRow, codec: Codec): LogMessage {
  const { projectId: project_id, aggregateId: job_id, version, type } = row;
  const { algorithm, status, attempt, progress, stage, error, time } = row.payload as JobPayload;
  const value: JobEvent = {
    ...{ project_id, job_id, version, type, algorithm, status, attempt, progress, stage, error },
    time: Date.parse(time),
  };
  return {
    topic: "jobs",
    key: job_id,
    value: codec.encode("jobs", value),
    headers: headersOf(row, `/v1/jobs/${job_id}`, String(version)),
  };
}

function computationMessages(row: OutboxRow, codec: Codec): readonly LogMessage[] {
  return (row.payload as readonly Omit<ComputationEvent, "project_id">[]).map((event) => ({
    topic: "computations",
    key: row.projectId,
    value: codec.encode("computations", { ...event, project_id: row.projectId }),
    headers: headersOf(row, `/v1/computations/${event.computation_id}`, "1"),
  }));
}

function streamMessages(row: OutboxRow, codec: Codec): readonly LogMessage[] {
  const { aggregateId: id, version, type } = row;
  const definition = row.payload as StreamDefinition | null;
  const headers = headersOf(row, `/v1/streams/${id}`, String(version));
  if (definition !== null && !type.endsWith(".deleted")) {
    const value = codec.encode("streams", definition);
    return [{ topic: "streams", key: definitionKey(id, definition.version), value, headers }];
  }
  const versions = definition?.version ?? version - 1;
  return Array.from({ length: versions }, (_, i) => ({
    topic: "streams",
    key: definitionKey(id, i + 1),
    value: null,
    headers: { ...headers, ce_id: `${version}-${i + 1}` },
  }));
}

/** Of the topic `streams`. */
export function definitionKey(streamId: string, version: number): string {
  return `${streamId}\n${version}`;
}

function headersOf({ type, createdAt, traceparent }: OutboxRow, source: string, id: string): LogMessage["headers"] {
  return cloudEventHeaders({ type, source, id, time: createdAt, traceparent });
}
