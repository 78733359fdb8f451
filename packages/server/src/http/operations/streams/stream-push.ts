import type { Readable } from "node:stream";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { readJsonPoints, readLines } from "../../../domain/streams/read-points.ts";
import { batchIdOf } from "../../../domain/streams/stream-ingest.ts";
import { newId } from "../../../internal/ids.ts";
import { contentEncoding } from "../../content-encoding.ts";
import { decodedStream } from "../../decoded-stream.ts";
import { receiving } from "../../receiving.ts";
import { callerOf } from "../../request-context.ts";
import { streamedBody } from "../../streamed-body.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf, traceparentOf } from "./stream-request.ts";

/** `stream.push` */
export function pushPoints({ streams, settings }: OperationContext) {
  const { ingest } = streams;
  const { bodyLimitBytes } = settings;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const { projectId, id } = streamOf(request);
    const { headers } = request.raw;
    const mediaType = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    const encoding = contentEncoding(headers["content-encoding"]);
    const answer = await receiving(request, async (body: Readable) => {
      const { stream, batch } = await ingest.open(projectId, id);
      const content = decodedStream(body, encoding, bodyLimitBytes);
      if (mediaType === MEDIA_TYPES.json)
        await readJsonPoints(await streamedBody(request, content, bodyLimitBytes), batch);
      else if (mediaType === MEDIA_TYPES.ndjson) await readLines(content as AsyncIterable<Buffer>, batch);
      else
        throw new ProblemError(
          "unsupported_media_type",
          `The body must be ${MEDIA_TYPES.json} or ${MEDIA_TYPES.ndjson}.`,
        );
      // A client's own request id is no name: two requests may have the same.
      const key = (headers["idempotency-key"] as string | undefined) ?? newId("req");
      const batchId = batchIdOf(callerOf(request).projectId, id, key);
      return await ingest.push(stream, batch, { batchId, traceparent: traceparentOf(request) });
    });
    return reply.code(202).send(answer);
  };
}
