import { ERASE_PROJECT_SCHEMA, type EraseProject, type Erasure } from "@tda-platform/contract/erasures";
import { ID_PREFIXES } from "@tda-platform/contract/identifiers";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError, problemAt } from "../../../domain/problem.ts";
import { jsonReader } from "../../json-request.ts";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { requireDefaultProject } from "./default-project-only.ts";

const readBody = jsonReader<EraseProject>(ERASE_PROJECT_SCHEMA);

/** `projects.erase` */
export function eraseProject(context: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Erasure> => {
    requireNoQuery(request);
    requireDefaultProject(request, context);
    const projectId = pathId(request, "project_id", ID_PREFIXES.project);
    const { confirm_name } = readBody(request);
    const outcome = await context.erasures.request(projectId, confirm_name, callerOf(request).id);
    switch (outcome.kind) {
      case "no_project":
        throw new ProblemError("not_found", "There is no such project.");
      case "default_project":
        throw new ProblemError("default_project", "The default project can't be erased.");
      case "other_name":
        throw problemAt("confirmation_mismatch", "/confirm_name", "This is not the project's name.");
      case "erasure":
        reply.code(202).header("location", `/v1/erasures/${outcome.erasure.id}`);
        return outcome.erasure;
    }
  };
}
