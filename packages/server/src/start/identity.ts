import { join } from "node:path";
import type { Database } from "../adapters/database/open-database.ts";
import { BuiltinIssuer } from "../adapters/identity/builtin-issuer.ts";
import { oidcIssuer } from "../adapters/identity/oidc-issuer.ts";
import { Argon2Hasher } from "../adapters/identity/password-hasher.ts";
import { type Issuer, JwtVerifier } from "../adapters/identity/token-verifier.ts";
import { oidcRoles } from "../config/oidc-roles.ts";
import type { Settings } from "../config/settings.ts";
import type { Identity } from "../domain/identity/identity.ts";
import { TokenService } from "../domain/identity/token-service.ts";
import type { Logger } from "../internal/logger.ts";
import { signingKey } from "./signing-key.ts";

export interface OpenedIdentity extends Identity {
  /** Takes up a replaced signing key now instead of within a minute. */
  refreshSigningKey(): Promise<void>;
  close(): void;
}

/** The issuers that the settings name, on the database's stores. */
export async function openIdentity(settings: Settings, database: Database, logger: Logger): Promise<OpenedIdentity> {
  const { identity: stores, apiKeys, defaultProjectId } = database;
  const { accessTokenSeconds, sessionDays } = settings;
  const keysDir = join(settings.dataDir, "keys");
  const builtin = await BuiltinIssuer.start({
    issuer: settings.publicUrl?.replace(/\/$/, "") ?? `urn:tda-platform:${defaultProjectId}`,
    loadKey: () => signingKey(settings.jwtSecretKey, keysDir),
    store: stores.signingKeys,
    accounts: stores.accounts,
    findKeyPrincipal: (keyId) => apiKeys.find(keyId),
    accessTokenSeconds,
    logger,
  });
  const tokens = new JwtVerifier([builtin, ...externalIssuer(settings, database, logger)], logger);
  stores.onChange((id) => tokens.forget(id));
  const { accounts, sessions, attempts, tickets, keys, users, projects, audit } = stores;
  const passwords = new Argon2Hasher();
  const parts = { accounts, sessions, attempts, passwords, signer: builtin, apiKeys, tokens };
  const service = new TokenService({ ...parts, accessTokenSeconds, sessionDays });
  return {
    ...{ tokens, tickets, service, signer: builtin, passwords, keys, users, projects, accounts, audit },
    refreshSigningKey: () => builtin.refresh(),
    close: () => builtin.close(),
  };
}

function externalIssuer(settings: Settings, database: Database, logger: Logger): Issuer[] {
  const { oidcIssuer: issuer, oidcAudience: audience } = settings;
  if (issuer === null || audience === null) return [];
  return [
    oidcIssuer({
      issuer,
      audience,
      tokenType: settings.oidcTokenType,
      projectClaim: settings.oidcProjectClaim,
      rolesClaim: settings.oidcRolesClaim,
      roleMapping: oidcRoles(settings.oidcRoleMapping),
      allowPrivateAddresses: settings.oidcAllowPrivateAddresses,
      defaultProjectId: database.defaultProjectId,
      hasProject: (projectId) => database.identity.accounts.hasProject(projectId),
      logger,
    }),
  ];
}
