import type { FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";

/** The stream of the path, and the project of the caller, in which alone it is looked for. */
export function streamOf(request: FastifyRequest): { readonly projectId: string; readonly id: string } {
  return { projectId: callerOf(request).projectId, id: pathId(request, "stream_id", "str") };
}
