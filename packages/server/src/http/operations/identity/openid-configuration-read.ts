import { TOKEN_REQUEST_SCHEMA } from "@tda-platform/contract/identity-schemas";
import { operation } from "@tda-platform/contract/operations";
import { PERMISSION_NAMES } from "@tda-platform/contract/permissions";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";

/** `openid_configuration.read` */
export function readOpenIdConfiguration({ identity, settings }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    // Without an address of its own the server is where it was asked.
    const base = settings.publicUrl?.replace(/\/$/, "") ?? `${request.protocol}://${request.host}`;
    reply.header("cache-control", settings.publicUrl === null ? "no-store" : "public, max-age=60");
    return {
      issuer: identity.signer.issuer,
      jwks_uri: base + operation("jwks.read").path,
      token_endpoint: base + operation("auth.token").path,
      revocation_endpoint: base + operation("auth.revoke").path,
      grant_types_supported: TOKEN_REQUEST_SCHEMA.properties.grant_type.enum,
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
      response_types_supported: [],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: PERMISSION_NAMES,
    };
  };
}
