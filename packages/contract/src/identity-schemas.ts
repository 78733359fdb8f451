import type { Static } from "typebox";
import { idPattern } from "./identifiers.ts";
import { PERMISSION_NAMES } from "./permissions.ts";

export const PROJECT_ID_SCHEMA = { type: "string", pattern: idPattern("prj") } as const;
const SECRET = { type: "string", minLength: 1, maxLength: 4096 } as const;

/** Body of `auth.token`, as JSON or as a form (RFC 6749). */
export const TOKEN_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["grant_type"],
  properties: {
    grant_type: {
      type: "string",
      enum: ["password", "refresh_token", "client_credentials"],
      description: "`client_credentials` takes an API key as `client_secret`.",
    },
    username: { type: "string", maxLength: 64, description: "Of `password`." },
    password: { type: "string", maxLength: 1024, description: "Of `password`." },
    refresh_token: { ...SECRET, description: "Of `refresh_token`. It is used up by this." },
    client_id: {
      type: "string",
      maxLength: 256,
      description: "Of `client_credentials`: not needed, since the key says whose it is. Given: the key's id.",
    },
    client_secret: {
      ...SECRET,
      description: "Of `client_credentials`: an API key. HTTP Basic may carry it instead.",
    },
    project_id: {
      ...PROJECT_ID_SCHEMA,
      description: "The project to enter, of those that one is a member of. Not given: the first.",
    },
    scope: {
      type: "string",
      maxLength: 1024,
      description: "Permissions to keep, separated by spaces; names that are none of ours are ignored. Not given: all.",
    },
  },
} as const;
export type TokenRequest = Static<typeof TOKEN_REQUEST_SCHEMA>;

/** Answer of `auth.token`. */
export const TOKEN_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["access_token", "token_type", "expires_in", "project_id"],
  properties: {
    access_token: { type: "string", description: "For `Authorization: Bearer`." },
    token_type: { const: "Bearer" },
    expires_in: { type: "integer", minimum: 1, description: "Seconds." },
    refresh_token: { type: "string", description: "For one use. Not of `client_credentials`." },
    refresh_expires_in: { type: "integer", minimum: 1, description: "Seconds until the session ends." },
    project_id: PROJECT_ID_SCHEMA,
    scope: { type: "string", description: "What was kept, if less than all." },
  },
} as const;
export type Token = Static<typeof TOKEN_SCHEMA>;

/** Body of `auth.revoke`, as JSON or as a form (RFC 7009). */
export const REVOKE_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["token"],
  properties: {
    token: { ...SECRET, description: "A refresh token, or an access token: its session ends." },
    token_type_hint: { type: "string", maxLength: 64, description: "Accepted, without effect." },
    client_id: { type: "string", maxLength: 256, description: "Accepted, without effect." },
  },
} as const;
export type RevokeRequest = Static<typeof REVOKE_REQUEST_SCHEMA>;

/** Public keys (RFC 7517). */
export const JWKS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["keys"],
  properties: {
    keys: {
      type: "array",
      items: {
        type: "object",
        required: ["kty", "kid", "alg", "use", "n", "e"],
        properties: {
          kty: { const: "RSA" },
          kid: { type: "string" },
          alg: { const: "RS256" },
          use: { const: "sig" },
          n: { type: "string" },
          e: { type: "string" },
        },
      },
    },
  },
} as const;
export type Jwks = Static<typeof JWKS_SCHEMA>;

export const OPENID_CONFIGURATION_SCHEMA = {
  type: "object",
  required: ["issuer", "jwks_uri", "token_endpoint", "revocation_endpoint", "grant_types_supported"],
  properties: {
    issuer: { type: "string" },
    jwks_uri: { type: "string" },
    token_endpoint: { type: "string" },
    revocation_endpoint: { type: "string" },
    grant_types_supported: { type: "array", items: { type: "string" } },
  },
} as const;

/** Answer of `me.read`. */
export const ME_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["kind", "id", "username", "project_id", "project_name", "role", "permissions"],
  properties: {
    kind: { type: "string", enum: ["api_key", "user", "client", "local"] },
    id: { type: "string", description: "`key_…`, `usr_…`, the subject at another issuer, or `local`." },
    username: { type: ["string", "null"] },
    project_id: PROJECT_ID_SCHEMA,
    project_name: { type: "string" },
    role: { type: "string" },
    permissions: { type: "array", items: { type: "string", enum: PERMISSION_NAMES } },
  },
} as const;
/** What the schema describes. */
export interface Me {
  readonly kind: "api_key" | "user" | "client" | "local";
  readonly id: string;
  readonly username: string | null;
  readonly project_id: string;
  readonly project_name: string;
  readonly role: string;
  readonly permissions: readonly string[];
}

/** Body of `me.change_password`. */
export const CHANGE_PASSWORD_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["current_password", "new_password"],
  properties: {
    current_password: { type: "string", maxLength: 1024 },
    new_password: { type: "string", maxLength: 1024 },
  },
} as const;
export type ChangePassword = Static<typeof CHANGE_PASSWORD_SCHEMA>;

/** Body of `ticket.create`. */
export const TICKET_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    path: {
      type: "string",
      pattern: "^/[\\x21-\\x3e\\x40-\\x7e]{1,511}$",
      description: "The path that the ticket opens, without query, such as `/v1/jobs/job_…/events`.",
    },
    job_id: { type: "string", pattern: idPattern("job"), description: "Short for the path of the job's events." },
    stream_id: {
      type: "string",
      pattern: idPattern("str"),
      description: "Short for the path of the stream's live results.",
    },
  },
} as const;
export type TicketRequest = Static<typeof TICKET_REQUEST_SCHEMA>;

/** Answer of `ticket.create`. */
export const TICKET_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["ticket", "path", "expires_at"],
  properties: {
    ticket: { type: "string", description: "For one request, as `?ticket=`." },
    path: { type: "string" },
    expires_at: { type: "string" },
  },
} as const;
export type Ticket = Static<typeof TICKET_SCHEMA>;
