import { STREAM_LIVE_QUERY_SCHEMA } from "@tda-platform/contract/streams";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError, problemAt } from "../../../domain/problem.ts";
import type { StoredResult } from "../../../domain/streams/stream.ts";
import type { EventStream } from "../../event-stream.ts";
import { queryReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { streamOf } from "./stream-request.ts";

const POSITION = /^\d{1,15}$/;

/** `stream.results_live` */
export function followStream({ streams, eventStreams }: OperationContext) {
  const readQuery = queryReader<{ ticket?: string }>(STREAM_LIVE_QUERY_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    readQuery(request);
    const { projectId, id } = streamOf(request);
    const seen = lastEventId(request.raw.headers["last-event-id"] as string | undefined);
    const last = await streams.results.lastPosition(projectId, id);
    if (last === null) throw new ProblemError("not_found", "There is no such stream.");
    const stream = eventStreams.open(reply, request.id);
    void follow(stream, streams.feed.follow(projectId, id, seen ?? last, stream.signal))
      .catch((error: unknown) =>
        request.log.debug({ request_id: request.id, err: error }, "a stream of events broke off"),
      )
      .finally(() => stream.end());
    return reply;
  };
}

/** null: from now on. */
function lastEventId(header: string | undefined): number | null {
  if (header === undefined || header === "") return null;
  if (POSITION.test(header)) return Number(header);
  throw problemAt("validation_failed", "", "Last-Event-ID is not one of this stream.");
}

async function follow(stream: EventStream, pages: AsyncIterable<readonly StoredResult[]>): Promise<void> {
  for await (const results of pages) {
    for (const { position, body } of results) await stream.sendText(String(position), "result", body);
  }
}
