import { Readable } from "node:stream";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { attachment } from "../../attachment.ts";
import { matchesEtag, requestedRange } from "../../byte-range.ts";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** What a browser may do with content that somebody uploaded: save it. */
const CONTENT_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'";

/** `dataset.content` */
export function readDatasetContent({ datasets }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const dataset = await datasets.datasets.find(callerOf(request).projectId, pathId(request, "dataset_id", "ds"));
    const etag = `"${dataset.sha256}"`;
    reply.headers({ etag, "accept-ranges": "bytes" });
    const { headers } = request.raw;
    if (matchesEtag(headers["if-none-match"], etag)) return reply.code(304).send();
    const range = requestedRange(headers, etag, dataset.bytes);
    if (range === "unsatisfiable") {
      reply.header("content-range", `bytes */${dataset.bytes}`);
      throw new ProblemError("range_not_satisfiable", `The content has ${dataset.bytes} bytes.`);
    }
    const { start, end } = range ?? { start: 0, end: dataset.bytes };
    if (range !== null) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${dataset.bytes}`);
    reply.headers({
      "content-type": MEDIA_TYPES.bytes,
      "content-length": end - start,
      "content-disposition": attachment(dataset.name),
      "content-security-policy": CONTENT_POLICY,
      "x-content-type-options": "nosniff",
    });
    // Without a stream Fastify would say that a HEAD's content is empty.
    if (request.method === "HEAD") return reply.send(Readable.from([]));
    return reply.send(Readable.from(datasets.datasets.content(dataset, { start, end }), { objectMode: false }));
  };
}
