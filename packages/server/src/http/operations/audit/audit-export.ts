import { Readable } from "node:stream";
import { AUDIT_EXPORT_QUERY_SCHEMA, type AuditExportQuery } from "@tda-platform/contract/audit-schemas";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AuditReader } from "../../../domain/identity/ports.ts";
import { queryReader } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { checkTimes } from "./times.ts";

const ROWS_AT_ONCE = 1_000;

/** `audit.export` */
export function exportAudit({ identity }: OperationContext) {
  const readQuery = queryReader<AuditExportQuery>(AUDIT_EXPORT_QUERY_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = readQuery(request);
    checkTimes(query);
    const lines = linesOf(identity.audit, callerOf(request).projectId, query);
    // What can go wrong with the first rows is still answered as a problem.
    const first = await lines.next();
    reply
      .header("content-type", MEDIA_TYPES.ndjson)
      .header("content-disposition", 'attachment; filename="audit.ndjson"');
    return reply.send(Readable.from(continued(first, lines), { objectMode: false }));
  };
}

/** Some rows at a time, each on a connection that is given back: a slow reader holds nothing. */
async function* linesOf(audit: AuditReader, projectId: string, query: AuditExportQuery): AsyncGenerator<string, void> {
  for (let before: string | null = null; ; ) {
    const found = await audit.list(projectId, query, { limit: ROWS_AT_ONCE, before });
    const rows = found.slice(0, ROWS_AT_ONCE);
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    if (found.length <= ROWS_AT_ONCE) return;
    before = rows.at(-1)!.id;
  }
}

async function* continued(first: IteratorResult<string, void>, rest: AsyncGenerator<string, void>) {
  if (first.done !== true) yield first.value;
  yield* rest;
}
