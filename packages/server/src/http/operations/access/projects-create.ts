import { type CreatedProject, NEW_PROJECT_SCHEMA, type NewProject } from "@tda-platform/contract/access-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuseEscalation } from "../../../domain/identity/granted.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { jsonReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `project.create` */
export function createProject({ identity, defaultProjectId }: OperationContext) {
  const readBody = jsonReader<NewProject>(NEW_PROJECT_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<CreatedProject> => {
    requireNoQuery(request);
    const { name } = readBody(request);
    const actor = actorOf(request);
    if (actor.principal.projectId !== defaultProjectId) {
      throw new ProblemError("permission_denied", "Only the default project's administrators make projects.");
    }
    refuseEscalation(actor.principal, "admin");
    const { project, key, secret } = await identity.projects.create(actor, name);
    reply.code(201).header("location", `/v1/projects/${project.id}`).header("cache-control", "no-store");
    return { ...project, api_key: { ...key, secret } };
  };
}
