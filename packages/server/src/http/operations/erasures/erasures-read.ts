import type { Erasure } from "@tda-platform/contract/erasures";
import { ID_PREFIXES } from "@tda-platform/contract/identifiers";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { pathId } from "../../path-parameter.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { requireDefaultProject } from "./default-project-only.ts";

/** `erasures.read` */
export function readErasure(context: OperationContext) {
  return async (request: FastifyRequest): Promise<Erasure> => {
    requireNoQuery(request);
    requireDefaultProject(request, context);
    const erasure = await context.erasures.read(pathId(request, "erasure_id", ID_PREFIXES.erasure));
    if (erasure === null) throw new ProblemError("not_found", "There is no such erasure.");
    return erasure;
  };
}
