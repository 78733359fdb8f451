import type { Static } from "typebox";
import { idPattern } from "./identifiers.ts";
import { PROJECT_ID_SCHEMA } from "./identity-schemas.ts";
import { TIME_PATTERN } from "./jobs.ts";
import { PASSWORD_MIN_CHARACTERS } from "./limits.ts";
import { PERMISSION_NAMES, type Permission, ROLES, type Role } from "./permissions.ts";

export const KEY_ID_SCHEMA = { type: "string", pattern: idPattern("key") } as const;
export const USER_ID_SCHEMA = { type: "string", pattern: idPattern("usr") } as const;

const TIME = { type: "string", description: "RFC 3339." } as const;
const TIME_OR_NULL = { type: ["string", "null"], description: "RFC 3339." } as const;
const NAME = { type: "string", pattern: "^[^\\x00-\\x1f\\x7f]{1,100}$" } as const;
const ROLE = { type: "string", enum: ROLES } as const;
const ROLE_OF_KEY = { ...ROLE, description: "Not above what the caller may." } as const;

/** Body of `key.create`. */
export const NEW_KEY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name", "role"],
  properties: {
    name: { ...NAME, description: "For people, to tell keys apart." },
    role: ROLE_OF_KEY,
    scopes: {
      type: ["array", "null"],
      items: { type: "string", enum: PERMISSION_NAMES },
      uniqueItems: true,
      maxItems: PERMISSION_NAMES.length,
      default: null,
      description: "Permissions of the role to keep. null: all.",
    },
    expires_at: {
      type: ["string", "null"],
      pattern: TIME_PATTERN,
      default: null,
      description: "RFC 3339; not in the past. null: never.",
    },
  },
} as const;
/** What the schema describes. */
export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly scopes?: readonly Permission[] | null;
  readonly expires_at?: string | null;
}

const KEY_PROPERTIES = {
  id: KEY_ID_SCHEMA,
  name: { type: "string" },
  prefix: { type: "string", description: "The key begins with `tda_` and this." },
  role: ROLE,
  scopes: { type: ["array", "null"], items: { type: "string" } },
  created_at: TIME,
  expires_at: TIME_OR_NULL,
  last_used_at: { ...TIME_OR_NULL, description: "RFC 3339, to about half a minute." },
} as const;

export const KEY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: Object.keys(KEY_PROPERTIES),
  properties: KEY_PROPERTIES,
} as const;
export const CREATED_KEY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [...Object.keys(KEY_PROPERTIES), "secret"],
  properties: { ...KEY_PROPERTIES, secret: { type: "string", description: "The key itself; shown this once." } },
} as const;
/** What the schema describes. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: Role;
  readonly scopes: readonly string[] | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}
export interface CreatedKey extends Key {
  readonly secret: string;
}

const PASSWORD = {
  type: "string",
  maxLength: 1024,
  description: `At least ${PASSWORD_MIN_CHARACTERS} characters; not the user name.`,
} as const;

/** Body of `user.create`. */
export const NEW_USER_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["role"],
  properties: {
    username: {
      type: "string",
      pattern: "^[a-z0-9][a-z0-9._@+-]{2,63}$",
      description: "Of a new user, in small letters. Unique in the installation.",
    },
    password: { ...PASSWORD, description: `${PASSWORD.description} Not given: no login by password until it is set.` },
    display_name: { ...NAME, type: ["string", "null"], default: null },
    user_id: { ...USER_ID_SCHEMA, description: "Instead of `username`: makes a user of another project a member." },
    role: ROLE_OF_KEY,
  },
} as const;
/** What the schema describes. */
export interface NewUser {
  readonly username?: string;
  readonly password?: string;
  readonly display_name?: string | null;
  readonly user_id?: string;
  readonly role: Role;
}

/** Body of `user.update`. */
export const USER_CHANGE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    role: ROLE_OF_KEY,
    display_name: { ...NAME, type: ["string", "null"] },
    password: { ...PASSWORD, description: `${PASSWORD.description} Ends the user's sessions.` },
    is_disabled: { type: "boolean", description: "true: no login, and no token of the user is accepted." },
  },
} as const;
/** What the schema describes. */
export interface UserChange {
  readonly role?: Role;
  readonly display_name?: string | null;
  readonly password?: string;
  readonly is_disabled?: boolean;
}

const USER_PROPERTIES = {
  id: USER_ID_SCHEMA,
  username: { type: "string" },
  display_name: { type: ["string", "null"] },
  role: { ...ROLE, description: "In this project." },
  is_disabled: { type: "boolean" },
  is_local: {
    type: "boolean",
    description: "The account was made in this project, whose administrators may change its password and close it.",
  },
  created_at: TIME,
} as const;
export const USER_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: Object.keys(USER_PROPERTIES),
  properties: USER_PROPERTIES,
} as const;
/** What the schema describes. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly display_name: string | null;
  readonly role: Role;
  readonly is_disabled: boolean;
  readonly is_local: boolean;
  readonly created_at: string;
}

/** Body of `project.create`. */
export const NEW_PROJECT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: { name: NAME },
} as const;
export type NewProject = Static<typeof NEW_PROJECT_SCHEMA>;

const PROJECT_PROPERTIES = {
  id: PROJECT_ID_SCHEMA,
  name: { type: "string" },
  is_default: { type: "boolean" },
  role: { type: ["string", "null"], description: "The caller's in it; null: none." },
  created_at: TIME,
} as const;
export const PROJECT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: Object.keys(PROJECT_PROPERTIES),
  properties: PROJECT_PROPERTIES,
} as const;
export const CREATED_PROJECT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [...Object.keys(PROJECT_PROPERTIES), "api_key"],
  properties: {
    ...PROJECT_PROPERTIES,
    api_key: { ...CREATED_KEY_SCHEMA, description: "The project's first administrator key." },
  },
} as const;
/** What the schema describes. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
  readonly role: string | null;
  readonly created_at: string;
}
export interface CreatedProject extends Project {
  readonly api_key: CreatedKey;
}
