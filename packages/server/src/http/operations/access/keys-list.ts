import type { Key } from "@tda-platform/contract/access-schemas";
import { PAGE_QUERY } from "@tda-platform/contract/operations/access";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** `key.list` */
export function listKeys({ identity }: OperationContext) {
  const readQuery = queryReader<PageQuery>(PAGE_QUERY);
  return async (request: FastifyRequest): Promise<Page<Key>> => {
    const asked = pageRequest(readQuery(request));
    return page(await identity.keys.list(callerOf(request).projectId, asked), asked, ({ id }) => id);
  };
}
