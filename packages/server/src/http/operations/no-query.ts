import type { FastifyRequest } from "fastify";
import { refuseQuery } from "../../domain/input/query-parameters.ts";
import { ProblemError } from "../../domain/problem.ts";
import { rawQuery } from "../request-context.ts";

/** Refuses query parameters where an operation has none. @throws ProblemError `unknown_field`. */
export function requireNoQuery(request: FastifyRequest): void {
  const findings = refuseQuery(rawQuery(request), false);
  if (findings.length === 0) return;
  throw new ProblemError("unknown_field", "This operation has no parameters.", {
    places: findings.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}
