import type { Page } from "@tda-platform/contract/pages";
import {
  STREAM_REJECTED_QUERY_SCHEMA,
  type StreamRejected,
  type StreamRejectedQuery,
} from "@tda-platform/contract/streams";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import type { OperationContext } from "../context.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.rejected` */
export function listRejected({ streams }: OperationContext) {
  const readQuery = queryReader<StreamRejectedQuery>(STREAM_REJECTED_QUERY_SCHEMA);
  return async (request: FastifyRequest): Promise<Page<StreamRejected>> => {
    const { key = null, reason = null, ...query } = readQuery(request);
    const asked = pageRequest(query);
    const { projectId, id } = streamOf(request);
    return page(await streams.rejected(projectId, id, { ...asked, key, reason }), asked, (point) => point.id);
  };
}
