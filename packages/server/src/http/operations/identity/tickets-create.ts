import { TICKET_REQUEST_SCHEMA, type Ticket, type TicketRequest } from "@tda-platform/contract/identity-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { problemAt } from "../../../domain/problem.ts";
import { jsonReader } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `ticket.create` */
export function createTicket({ identity }: OperationContext) {
  const readBody = jsonReader<TicketRequest>(TICKET_REQUEST_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Ticket> => {
    requireNoQuery(request);
    const path = pathOf(readBody(request));
    const { ticket, expiresAt } = await identity.tickets.issue(callerOf(request), path);
    reply.code(201).header("cache-control", "no-store");
    return { ticket, path, expires_at: expiresAt.toISOString() };
  };
}

function pathOf({ path, job_id: jobId }: TicketRequest): string {
  if ((path === undefined) === (jobId === undefined)) {
    throw problemAt("validation_failed", "/path", "Give the path, or the job_id.");
  }
  return path ?? `/v1/jobs/${jobId}/events`;
}
