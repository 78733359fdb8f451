import type { Permission, Role } from "@tda-platform/contract/permissions";
import { ROLE_PERMISSIONS, ROLES } from "@tda-platform/contract/permissions";
import type { JWK, JWTPayload } from "jose";
import { noProject } from "../../domain/identity/token-service.ts";
import type { Principal } from "../../domain/ports.ts";
import { ProblemError } from "../../domain/problem.ts";
import type { Logger } from "../../internal/logger.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { fetchJson } from "./outgoing-json.ts";
import type { Issuer } from "./token-verifier.ts";

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly tokenType: string;
  readonly projectClaim: string | null;
  readonly rolesClaim: string;
  /** By value of the claim. */
  readonly roleMapping: ReadonlyMap<string, Role>;
  readonly allowPrivateAddresses: boolean;
  readonly defaultProjectId: string;
  readonly hasProject: (projectId: string) => Promise<boolean>;
  readonly logger: Logger;
}

const refetchMs = 30_000;
const staleMs = 300_000;
const timeoutMs = 5_000;
const limitBytes = 262_144;
const subjectForm = /^[\x20-\x7e]{1,255}$/;
const noPermissions: ReadonlySet<Permission> = new Set();

/** Another issuer, by OpenID Connect Discovery. What its tokens may is in their claims. */
export function oidcIssuer(options: OidcOptions): Issuer {
  const { issuer, audience, tokenType, logger } = options;
  const keys = new IssuerKeys({ name: issuer, load: () => discoverKeys(options), refetchMs, staleMs, logger });
  return {
    name: issuer,
    audience,
    tokenType,
    findKey: (kid) => keys.find(kid),
    principal: (claims, projectId) => principalOf(options, claims, projectId),
  };
}

async function discoverKeys({ issuer, allowPrivateAddresses }: OidcOptions): Promise<readonly JWK[]> {
  const outgoing = { allowPrivateAddresses, timeoutMs, limitBytes };
  const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  const document = (await fetchJson(new URL(`${base}/.well-known/openid-configuration`), outgoing)) as {
    issuer?: unknown;
    jwks_uri?: unknown;
  } | null;
  if (document?.issuer !== issuer) throw new Error(`the issuer calls itself ${JSON.stringify(document?.issuer)}`);
  const { jwks_uri: uri } = document;
  if (typeof uri !== "string" || !URL.canParse(uri)) throw new Error("the issuer names no jwks_uri");
  const url = new URL(uri);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && issuer.startsWith("http:"));
  if (!isSafe) throw new Error("the issuer's jwks_uri is not https");
  const { keys } = ((await fetchJson(url, outgoing)) ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error("the issuer's keys are no JWK set");
  return keys.filter((key): key is JWK => typeof key === "object" && key !== null);
}

async function principalOf(options: OidcOptions, claims: JWTPayload, asked: string | null): Promise<Principal> {
  const { sub = "" } = claims;
  if (!subjectForm.test(sub)) throw new ProblemError("invalid_token", "The token's subject is not printable.");
  // Tokens of this kind that are no access tokens: what ID tokens have and access tokens have not.
  if ("nonce" in claims || "at_hash" in claims) throw new ProblemError("invalid_token", "This is an ID token.");
  const projectId = await projectOf(options, claims, asked);
  const role = highestRole(options, textsOf(claimAt(claims, options.rolesClaim)));
  return {
    kind: "client",
    // Our own identifiers have no colon: nobody else's subject is one of them.
    id: `oidc:${sub}`,
    projectId,
    role: role ?? "none",
    permissions: role === null ? noPermissions : ROLE_PERMISSIONS[role],
  };
}

/** The project asked for, of those in the claim; else the first. @throws ProblemError. */
async function projectOf(options: OidcOptions, claims: JWTPayload, asked: string | null): Promise<string> {
  const { projectClaim, defaultProjectId } = options;
  if (projectClaim === null) {
    if (asked !== null && asked !== defaultProjectId) throw noProject();
    return defaultProjectId;
  }
  const allowed = textsOf(claimAt(claims, projectClaim));
  const projectId = asked === null ? allowed[0] : allowed.find((one) => one === asked);
  if (projectId === undefined && asked === null) {
    throw new ProblemError("permission_denied", "The token names no project.");
  }
  if (projectId === undefined || !(await options.hasProject(projectId))) throw noProject();
  return projectId;
}

function highestRole({ roleMapping }: OidcOptions, values: readonly string[]): Role | null {
  const held = new Set(values.map((value) => roleMapping.get(value)));
  return ROLES.findLast((role) => held.has(role)) ?? null;
}

/** A claim by its name, or by a path with dots into objects. */
function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const part of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");
}
