import { type IdPrefix, idPattern } from "@tda-platform/contract/identifiers";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";

const patterns = new Map<IdPrefix, RegExp>();

/** The identifier in a path. @throws ProblemError `not_found` when it has not the form of one. */
export function pathId(request: FastifyRequest, name: string, prefix: IdPrefix): string {
  let pattern = patterns.get(prefix);
  if (pattern === undefined) {
    pattern = new RegExp(idPattern(prefix));
    patterns.set(prefix, pattern);
  }
  const id = (request.params as Record<string, string | undefined>)[name] ?? "";
  if (!pattern.test(id)) throw new ProblemError("not_found", "Nothing has this identifier.");
  return id;
}
