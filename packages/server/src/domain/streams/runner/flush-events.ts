import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { recordKey } from "@tda-platform/contract/events/topics";
import type { EventCodec, LogMessage } from "../../log/event-log.ts";
import type { DueKey } from "./ports.ts";

/** A flush of a key that counts only if no point has come in between. It does nothing before it is consumed. */
export function flushMessage(codec: EventCodec, due: DueKey, nowMs: number): LogMessage {
  const { projectId, streamId, key, version, lastSeq, forgets } = due;
  const event: StreamEvent = {
    project_id: projectId,
    stream_id: streamId,
    key,
    definition_version: version,
    received_at: nowMs,
    kind: "flush",
    batch_id: "",
    batch_part: 0,
    body_hash: new Uint8Array(0),
    points: [],
    last_seq: lastSeq,
    forget: forgets,
  };
  return {
    topic: "events",
    key: recordKey(streamId, key),
    value: codec.encode("events", event),
    headers: {
      ce_specversion: "1.0",
      ce_id: `${streamId}/${key}/flush/${version}/${lastSeq}/${nowMs}`,
      ce_source: `/v1/streams/${streamId}`,
      ce_type: "stream.flush",
      ce_time: new Date(nowMs).toISOString(),
    },
  };
}
