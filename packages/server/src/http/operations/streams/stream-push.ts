import type { Readable } from "node:stream";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { readJsonPoints, readLines } from "../../../domain/streams/read-points.ts";
import { batchIdOf, type OpenBatch } from "../../../domain/streams/stream-ingest.ts";
import { newId } from "../../../internal/ids.ts";
import { contentEncoding } from "../../content-encoding.ts";
import { decodedStream } from "../../decoded-stream.ts";
import { receiving, receivingBytes } from "../../receiving.ts";
import { streamedBody } from "../../streamed-body.ts";
import { traceparentOf } from "../../trace-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.push` */
export function pushPoints({ streams, settings }: OperationContext) {
  const { ingest } = streams;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    // The log holds each batch: a row of the audit log for each would be as many again. Refusals are audited.
    request.isAuditedWithin = true;
    const { projectId, id } = streamOf(request);
    const { stream, batch } = await readBody(request, settings.bodyLimitBytes, () => ingest.open(projectId, id));
    // A client's own request id is no name: two requests may have the same.
    const key = (request.raw.headers["idempotency-key"] as string | undefined) ?? newId("req");
    const source = { batchId: batchIdOf(projectId, id, key), traceparent: traceparentOf(request) };
    return reply.code(202).send(await ingest.push(stream, batch, source));
  };
}

/** The points of the body. @throws ProblemError */
async function readBody(
  request: FastifyRequest,
  limitBytes: number,
  open: () => Promise<OpenBatch>,
): Promise<OpenBatch> {
  const { headers } = request.raw;
  const mediaType = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  const encoding = contentEncoding(headers["content-encoding"]);
  if (mediaType === MEDIA_TYPES.json && encoding === null) {
    const { first, bytes } = await receivingBytes(request, limitBytes, open);
    await readJsonPoints(bytes, first.batch);
    return first;
  }
  return await receiving(request, async (body: Readable) => {
    const opened = await open();
    const content = decodedStream(body, encoding, limitBytes, "body_too_large");
    if (mediaType === MEDIA_TYPES.json) {
      await readJsonPoints(await streamedBody(request, content, limitBytes), opened.batch);
    } else if (mediaType === MEDIA_TYPES.ndjson)
      await readLines(content as AsyncIterable<Buffer>, opened.batch, limitBytes);
    else
      throw new ProblemError(
        "unsupported_media_type",
        `The body must be ${MEDIA_TYPES.json} or ${MEDIA_TYPES.ndjson}.`,
      );
    return opened;
  });
}
