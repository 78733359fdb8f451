import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import { recordKey } from "@tda-platform/contract/events/topics";
import type { Stream, StreamResultView } from "@tda-platform/contract/streams";
import { expect } from "vitest";
import type { LogRecord } from "../../src/domain/log/event-log.ts";
import type { TestBed, TestServer } from "./test-bed.ts";

export const tumbling = (more: object = {}) => ({
  name: "bearing",
  point_dimension: 2,
  window: { type: "tumbling", size_ms: 1000 },
  ...more,
});

export async function createStream(server: TestServer, more: object = {}): Promise<Stream> {
  const answer = await server.post(tumbling(more), {}, "/v1/streams");
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as Stream;
}

export async function send(server: TestServer, method: string, path: string, body?: unknown): Promise<Response> {
  return await fetch(server.url + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
}

/** Records of a stream in a topic, in the order of their partitions. */
export async function recordsOf(bed: TestBed, topic: "events" | "rejected" | "results", streamId: string) {
  const { log, codec } = await bed.events();
  const records: LogRecord[] = [];
  const partitions = await log.partitions(topic);
  for (let partition = 0; partition < partitions; partition++) {
    const { first, next } = await log.bounds(topic, partition);
    if (next === first) continue;
    const signal = new AbortController().signal;
    const read = await log.read(topic, partition, first, { maxRecords: 10_000, maxBytes: 1e8, waitMs: 0, signal });
    records.push(...read.filter(({ key }) => key.startsWith(`${streamId}\n`)));
  }
  return await Promise.all(
    records.map(async (record) => ({ ...record, event: await codec.decode(topic, record.value!) })),
  );
}

export function resultOf(stream: Stream, projectId: string, more: Partial<StreamResult> = {}): StreamResult {
  return {
    project_id: projectId,
    stream_id: stream.id,
    definition_version: stream.version,
    key: "",
    window_seq: 0,
    revision: 0,
    opened_at: 1_700_000_000_000,
    window_start: 1_000,
    window_end: 2_000,
    superseded_by: null,
    points: 3,
    points_used: 3,
    cover_radius: null,
    threshold: 2,
    diagrams: [{ dimension: 0, pairs: [0, 1, 0, Number.POSITIVE_INFINITY] }],
    values: [],
    change_distance: null,
    change_z_score: null,
    alerts: [],
    ...more,
  };
}

/** What a runner does: writes results to the log. */
export async function appendResults(bed: TestBed, values: readonly StreamResult[]): Promise<void> {
  const { log, codec } = await bed.events();
  await log.append(
    values.map((value) => ({
      topic: "results",
      key: recordKey(value.stream_id, value.key),
      value: codec.encode("results", value),
      headers: {},
    })),
  );
}

export async function appendRejections(bed: TestBed, values: readonly StreamRejection[], key: string): Promise<void> {
  const { log, codec } = await bed.events();
  await log.append(
    values.map((value) => ({ topic: "rejected", key, value: codec.encode("rejected", value), headers: {} })),
  );
}

export async function listResults(
  server: TestServer,
  id: string,
  query = "",
): Promise<{ items: StreamResultView[]; next_cursor: string | null }> {
  const answer = await server.get(`/v1/streams/${id}/results${query}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json()) as { items: StreamResultView[]; next_cursor: string | null };
}
