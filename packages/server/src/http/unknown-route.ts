import { type OperationId, operation } from "@tda-platform/contract/operations";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { rawPath } from "./request-context.ts";

/** What `Allow` lists for a path; undefined: there is no such path. */
export type AllowedMethods = (path: string) => string | undefined;

/** Methods of the operations' paths, and of further paths that can only be read. */
export function allowedMethods(operations: readonly OperationId[], readOnlyPaths: readonly string[]): AllowedMethods {
  const methods = new Map<string, Set<string>>(readOnlyPaths.map((path) => [path, new Set(["GET", "HEAD"])]));
  for (const id of operations) {
    const { method, path, aliases } = operation(id);
    for (const one of [path, ...aliases]) {
      const known = methods.get(one) ?? new Set<string>();
      known.add(method);
      if (method === "GET") known.add("HEAD");
      methods.set(one, known);
    }
  }
  const exact = new Map<string, string>();
  const patterns: [RegExp, string][] = [];
  for (const [path, known] of methods) {
    const allow = [...known, "OPTIONS"].join(", ");
    if (path.includes("{")) patterns.push([patternOf(path), allow]);
    else exact.set(path, allow);
  }
  return (path) => exact.get(path) ?? patterns.find(([pattern]) => pattern.test(path))?.[1];
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
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
  const methods = allowed(rawPath(request.raw.url));
  if (methods === undefined) {
    refuse(new ProblemError("not_found", "Nothing is at this path."));
    return;
  }
  reply.header("allow", methods);
  if (request.method === "OPTIONS") reply.code(204).send();
  else refuse(new ProblemError("method_not_allowed", `This path allows ${methods}.`));
}
