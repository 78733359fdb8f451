import type { User } from "@tda-platform/contract/access-schemas";
import { PAGE_QUERY } from "@tda-platform/contract/operations/access";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** `user.list` */
export function listUsers({ identity }: OperationContext) {
  const readQuery = queryReader<PageQuery>(PAGE_QUERY);
  return async (request: FastifyRequest): Promise<Page<User>> => {
    const asked = pageRequest(readQuery(request));
    return page(await identity.users.list(callerOf(request).projectId, asked), asked, ({ id }) => id);
  };
}
