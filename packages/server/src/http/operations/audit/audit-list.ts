import { AUDIT_QUERY_SCHEMA, type AuditEntry, type AuditQuery } from "@tda-platform/contract/audit-schemas";
import type { Page } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { checkTimes } from "./times.ts";

/** `audit.list` */
export function listAudit({ identity }: OperationContext) {
  const readQuery = queryReader<AuditQuery>(AUDIT_QUERY_SCHEMA);
  return async (request: FastifyRequest): Promise<Page<AuditEntry>> => {
    const query = readQuery(request);
    checkTimes(query);
    const asked = pageRequest(query);
    return page(await identity.audit.list(callerOf(request).projectId, query, asked), asked, ({ id }) => id);
  };
}
