import { isFinal, JOB_EVENTS_QUERY_SCHEMA } from "@tda-platform/contract/jobs";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { JobEvent } from "../../../domain/jobs/job.ts";
import { problemAt } from "../../../domain/problem.ts";
import type { EventStream } from "../../event-stream.ts";
import { queryReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { jobOf } from "./job-request.ts";

const VERSION = /^\d{1,9}$/;

/** `job.events` */
export function followJob({ jobs, eventStreams }: OperationContext) {
  const readQuery = queryReader<{ ticket?: string }>(JOB_EVENTS_QUERY_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    readQuery(request);
    const { projectId, id } = jobOf(request);
    const after = lastEventId(request.raw.headers["last-event-id"] as string | undefined);
    const job = await jobs.read(projectId, id);
    // Nothing will come any more: 204 tells a browser not to come back.
    if (isFinal(job.status) && !(await jobs.feed.hasMore(projectId, id, after))) return reply.code(204).send();
    const stream = eventStreams.open(reply, request.id);
    void follow(stream, jobs.feed.follow(projectId, id, after, stream.signal), async () =>
      isFinal((await jobs.read(projectId, id)).status),
    )
      .catch((error: unknown) =>
        request.log.debug({ request_id: request.id, err: error }, "a stream of events broke off"),
      )
      .finally(() => stream.end());
    return reply;
  };
}

function lastEventId(header: string | undefined): number {
  if (header === undefined || header === "") return 0;
  if (VERSION.test(header)) return Number(header);
  throw problemAt("validation_failed", "", "Last-Event-ID is not one of this stream.");
}

/** Sends events until the job has ended and all are sent. */
async function follow(
  stream: EventStream,
  pages: AsyncIterable<readonly JobEvent[]>,
  hasEnded: () => Promise<boolean>,
): Promise<void> {
  let isOver = false;
  for await (const events of pages) {
    for (const { version, type, body } of events) await stream.send({ id: String(version), event: type, data: body });
    const last = events.at(-1);
    // A job that was redriven has an end in the midst of its events.
    if (last !== undefined && isFinal(last.body.status) && (await hasEnded())) return;
    // What retention has deleted is not waited for; what came with the end is, by one more look.
    if (last === undefined && isOver) return;
    if (last === undefined) isOver = await hasEnded();
  }
}
