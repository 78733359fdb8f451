import type { FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** Projects are administered from the default project. @throws ProblemError `permission_denied` to callers of another. */
export function requireDefaultProject(request: FastifyRequest, { defaultProjectId }: OperationContext): void {
  if (callerOf(request).projectId === defaultProjectId) return;
  throw new ProblemError("permission_denied", "Projects are administered by administrators of the default project.");
}
