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

function pathOf({ path, job_id: jobId, stream_id: streamId }: TicketRequest): string {
  const given = [path, jobId, streamId].filter((one) => one !== undefined);
  if (given.length !== 1) throw problemAt("validation_failed", "/path", "Give the path, the job_id or the stream_id.");
  if (streamId !== undefined) return `/v1/streams/${streamId}/results/live`;
  return path ?? `/v1/jobs/${jobId}/events`;
}
