import { ERASURE_LIST_QUERY_SCHEMA, type Erasure, type ErasureListQuery } from "@tda-platform/contract/erasures";
import type { Page } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import type { OperationContext } from "../context.ts";
import { requireDefaultProject } from "./default-project-only.ts";

const readQuery = queryReader<ErasureListQuery>(ERASURE_LIST_QUERY_SCHEMA);

/** `erasures.list` */
export function listErasures(context: OperationContext) {
  return async (request: FastifyRequest): Promise<Page<Erasure>> => {
    requireDefaultProject(request, context);
    const { limit, before } = pageRequest(readQuery(request));
    return page(await context.erasures.list({ limit: limit + 1, before }), { limit, before }, ({ id }) => id);
  };
}
