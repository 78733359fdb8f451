import { IDEMPOTENCY_KEY_PATTERN } from "@tda-platform/contract/identifiers";
import type { FastifyRequest } from "fastify";
import { problemAt } from "../domain/problem.ts";

const pattern = new RegExp(IDEMPOTENCY_KEY_PATTERN);

/** The request's idempotency key; null: it has none. @throws ProblemError when it has a wrong one. */
export function idempotencyKey(request: FastifyRequest): string | null {
  const header = request.raw.headers["idempotency-key"];
  if (header === undefined) return null;
  if (typeof header === "string" && pattern.test(header)) return header;
  throw problemAt("invalid_idempotency_key", "", "Idempotency-Key must be 1 to 255 printable ASCII characters.");
}
