import type { FastifyRequest } from "fastify";
import { ProblemError } from "../../domain/problem.ts";

const NOTHING = /^\s*(?:\{\s*\})?\s*$/;

/** An empty object is taken for nothing: some clients can't send less. @throws ProblemError `validation_failed`. */
export function requireNoBody(request: FastifyRequest): void {
  const body = request.body as Buffer | undefined;
  if (body === undefined || (body.length < 64 && NOTHING.test(body.toString("latin1")))) return;
  throw new ProblemError("validation_failed", "This operation has no body.");
}
