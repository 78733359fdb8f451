import { PAGE_QUERY_SCHEMA, type Page, type PageQuery } from "@tda-platform/contract/pages";
import type { Stream } from "@tda-platform/contract/streams";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** `stream.list` */
export function listStreams({ streams }: OperationContext) {
  const readQuery = queryReader<PageQuery>(PAGE_QUERY_SCHEMA);
  return async (request: FastifyRequest): Promise<Page<Stream>> => {
    const asked = pageRequest(readQuery(request));
    return page(await streams.list(callerOf(request).projectId, asked), asked, ({ id }) => id);
  };
}
