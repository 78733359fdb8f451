import type { CreatedKey, Key } from "@tda-platform/contract/access-schemas";
import type { FastifyReply } from "fastify";

/** Answers with a key and its secret, which is told this once. */
export function sendCreatedKey(reply: FastifyReply, { key, secret }: { key: Key; secret: string }): CreatedKey {
  reply.code(201).header("location", `/v1/keys/${key.id}`).header("cache-control", "no-store");
  return { ...key, secret };
}
