import { type OperationId, operation } from "@tda-platform/contract/operations";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { rawPath } from "./request-context.ts";

/** Methods of every path, as `Allow` lists them. */
export type AllowedMethods = ReadonlyMap<string, string>;

/** Methods of the operations' paths, and of further paths that can only be read. */
export function allowedMethods(operations: readonly OperationId[], readOnlyPaths: readonly string[]): AllowedMethods {
  const read = "GET, HEAD, OPTIONS";
  const allowed = new Map<string, string>(readOnlyPaths.map((path) => [path, read]));
  for (const id of operations) {
    const { method, path, aliases } = operation(id);
    for (const one of [path, ...aliases]) allowed.set(one, method === "GET" ? read : `${method}, OPTIONS`);
  }
  return allowed;
}

/**
 * Answers a request that no route takes, before any of its body is read: OPTIONS of a known path says what is allowed, the
 * rest is `method_not_allowed` or `not_found`.
 */
export function answerUnknownRoute(
  allowed: AllowedMethods,
  request: FastifyRequest,
  reply: FastifyReply,
  refuse: (problem: ProblemError) => void,
): void {
  const methods = allowed.get(rawPath(request.raw.url));
  if (methods === undefined) {
    refuse(new ProblemError("not_found", "Nothing is at this path."));
    return;
  }
  reply.header("allow", methods);
  if (request.method === "OPTIONS") reply.code(204).send();
  else refuse(new ProblemError("method_not_allowed", `This path allows ${methods}.`));
}
