import type { Jwks } from "@tda-platform/contract/identity-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";

/** `jwks.read` */
export function readJwks({ identity }: OperationContext) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<Jwks> => {
    reply.header("cache-control", "public, max-age=60");
    return { keys: (await identity.signer.publicKeys()) as unknown as Jwks["keys"] };
  };
}
