import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { recordKey } from "@tda-platform/contract/events/topics";
import { STREAM_REPLAY_POINTS } from "@tda-platform/contract/limits";
import { newId } from "../../internal/ids.ts";
import { type EventCodec, type EventLog, type LogMessage, UndecodableRecord } from "../log/event-log.ts";
import { ProblemError } from "../problem.ts";
import type { StreamRecord } from "./stream.ts";
import { headersOf } from "./stream-ingest.ts";

/** Of the batches that a replay writes: another replay leaves them out, as they are there already. */
const REPLAY_PREFIX = "replay:";
const READ_RECORDS = 500;
const READ_BYTES = 8_388_608;

export interface ReplayDependencies {
  readonly log: EventLog;
  readonly codec: EventCodec;
  append(messages: readonly LogMessage[]): Promise<void>;
}

/**
 * Writes a stream's points from an event time on once more, under its present version, each key's in their order. Reads the
 * topic to where it was at the beginning: what is written meanwhile is not read.
 * @returns How many points.
 * @throws ProblemError `stream_batch_too_large`, `log_unavailable`; DependencyUnavailable.
 */
export async function replayPoints(
  { log, codec, append }: ReplayDependencies,
  stream: StreamRecord,
  fromMs: number,
  signal: AbortSignal,
): Promise<number> {
  const batch = `${REPLAY_PREFIX}${newId("req")}`;
  const headers = headersOf(stream.id, "stream.points", null);
  let points = 0;
  let record = 0;
  const partitions = await log.partitions("events");
  for (let partition = 0; partition < partitions; partition++) {
    const bounds = await log.bounds("events", partition);
    for (let offset = bounds.first; offset < bounds.next; ) {
      const read = await log.read("events", partition, offset, {
        maxRecords: READ_RECORDS,
        maxBytes: READ_BYTES,
        waitMs: 0,
        signal,
      });
      const messages: LogMessage[] = [];
      for (const { key, value, offset: at } of read) {
        if (at >= bounds.next || value === null || !key.startsWith(`${stream.id}\n`)) continue;
        const event = await decoded(codec, value);
        if (event === null || event.kind !== "points" || event.batch_id.startsWith(REPLAY_PREFIX)) continue;
        const kept = event.points.filter(({ t }) => t >= fromMs);
        if (kept.length === 0) continue;
        points += kept.length;
        if (points > STREAM_REPLAY_POINTS) {
          throw new ProblemError(
            "stream_batch_too_large",
            `A replay may have ${STREAM_REPLAY_POINTS} points: give a later time.`,
          );
        }
        // Each its own batch: a key's memory of batches is short, and these are never sent again.
        const again = { ...event, definition_version: stream.version, batch_id: `${batch}:${record++}`, points: kept };
        const message = {
          topic: "events",
          key: recordKey(stream.id, event.key),
          value: codec.encode("events", again),
        } as const;
        messages.push({ ...message, headers: { ...headers, ce_id: again.batch_id } });
      }
      if (messages.length > 0) await append(messages);
      if (read.length === 0) break;
      offset = read.at(-1)!.offset + 1;
    }
  }
  return points;
}

async function decoded(codec: EventCodec, value: Uint8Array): Promise<StreamEvent | null> {
  try {
    return await codec.decode("events", value);
  } catch (error) {
    if (error instanceof UndecodableRecord) return null;
    throw error;
  }
}
