import {
  CREATED_KEY_SCHEMA,
  CREATED_PROJECT_SCHEMA,
  KEY_ID_SCHEMA,
  KEY_SCHEMA,
  NEW_KEY_SCHEMA,
  NEW_PROJECT_SCHEMA,
  NEW_USER_SCHEMA,
  PROJECT_SCHEMA,
  USER_CHANGE_SCHEMA,
  USER_ID_SCHEMA,
  USER_SCHEMA,
} from "../access-schemas.ts";
import type { JsonSchema } from "../json-schema.ts";
import { MAX_KEY_OVERLAP_SECONDS } from "../limits.ts";
import { MEDIA_TYPES } from "../media-types.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "../pages.ts";
import { JSON_BODY_PROBLEMS, NO_QUERY, type OperationDefinition, type OperationResponse } from "./definition.ts";

export const PAGE_QUERY = { type: "object", additionalProperties: false, properties: PAGE_QUERY_PROPERTIES } as const;
export const ROTATE_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    overlap_seconds: {
      type: "integer",
      minimum: 0,
      maximum: MAX_KEY_OVERLAP_SECONDS,
      default: 0,
      description: "How long the old key is accepted beside the new one.",
    },
  },
} as const;

const KEY_PATH = { key_id: { ...KEY_ID_SCHEMA, description: "The key." } } as const;
const USER_PATH = { user_id: { ...USER_ID_SCHEMA, description: "The user." } } as const;
const CREATED = { Location: "Where it is.", "Cache-Control": "`no-store`." } as const;

const json = (status: 200 | 201, description: string, schema: JsonSchema): OperationResponse => ({
  status,
  description,
  bodies: { [MEDIA_TYPES.json]: schema },
  headers: status === 201 ? CREATED : {},
});
const gone = (description: string): OperationResponse => ({ status: 204, description, bodies: {}, headers: {} });
const body = (schema: JsonSchema) => ({ bodies: { [MEDIA_TYPES.json]: schema }, query: NO_QUERY, headers: {} });
const list = { bodies: {}, query: PAGE_QUERY, headers: {} } as const;
const shared = { aliases: [], tag: "Identity" } as const;

export const ACCESS_OPERATIONS = {
  "key.create": {
    ...shared,
    method: "POST",
    path: "/v1/keys",
    summary: "Make an API key",
    description: "Of the caller's project, with no more than the caller may do. The secret is in this answer only.",
    permission: "keys.manage",
    request: body(NEW_KEY_SCHEMA),
    creates: true,
    response: json(201, "The key with its secret.", CREATED_KEY_SCHEMA),
    problems: [...JSON_BODY_PROBLEMS, "count_limit_exceeded", "shutting_down"],
  },
  "key.list": {
    ...shared,
    method: "GET",
    path: "/v1/keys",
    summary: "List API keys",
    description: "The project's keys that are not revoked, newest first.",
    permission: "keys.read",
    request: list,
    response: json(200, "A page of keys.", pageSchema(KEY_SCHEMA)),
    problems: ["validation_failed", "unknown_field"],
  },
  "key.read": {
    ...shared,
    method: "GET",
    path: "/v1/keys/{key_id}",
    summary: "Read an API key",
    description: "Everything but the secret.",
    permission: "keys.read",
    request: { path: KEY_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: json(200, "The key.", KEY_SCHEMA),
    problems: ["not_found", "unknown_field"],
  },
  "key.revoke": {
    ...shared,
    method: "DELETE",
    path: "/v1/keys/{key_id}",
    summary: "Revoke an API key",
    description: "Every server refuses it within a minute, usually at once. A key may revoke itself.",
    permission: "keys.manage",
    request: { path: KEY_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: gone("Revoked."),
    problems: ["not_found", "unknown_field", "shutting_down"],
  },
  "key.rotate": {
    ...shared,
    method: "POST",
    path: "/v1/keys/{key_id}/rotate",
    summary: "Replace an API key",
    description: "Makes a key with the same name, role, scopes and expiry; the old one ends now or after an overlap.",
    permission: "keys.manage",
    request: { path: KEY_PATH, bodies: {}, query: ROTATE_QUERY_SCHEMA, headers: {} },
    creates: true,
    response: json(201, "The new key with its secret.", CREATED_KEY_SCHEMA),
    problems: ["not_found", "validation_failed", "unknown_field", "count_limit_exceeded", "shutting_down"],
  },
  "user.create": {
    ...shared,
    method: "POST",
    path: "/v1/users",
    summary: "Add a user",
    description:
      "Makes an account (`username`) or takes one of another project (`user_id`), as a member of the project.",
    permission: "members.manage",
    request: body(NEW_USER_SCHEMA),
    creates: true,
    response: json(201, "The user.", USER_SCHEMA),
    problems: [
      ...JSON_BODY_PROBLEMS,
      "name_taken",
      "weak_password",
      "count_limit_exceeded",
      "not_supported",
      "not_found",
      "shutting_down",
      "overloaded",
    ],
  },
  "user.list": {
    ...shared,
    method: "GET",
    path: "/v1/users",
    summary: "List users",
    description: "The members of the project, newest account first.",
    permission: "members.read",
    request: list,
    response: json(200, "A page of users.", pageSchema(USER_SCHEMA)),
    problems: ["validation_failed", "unknown_field"],
  },
  "user.read": {
    ...shared,
    method: "GET",
    path: "/v1/users/{user_id}",
    summary: "Read a user",
    description: "A member of the project.",
    permission: "members.read",
    request: { path: USER_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: json(200, "The user.", USER_SCHEMA),
    problems: ["not_found", "unknown_field"],
  },
  "user.update": {
    ...shared,
    method: "PATCH",
    path: "/v1/users/{user_id}",
    summary: "Change a user",
    description:
      "The role in this project; and name, password and closing of the account, in the project that made it.",
    permission: "members.manage",
    request: { ...body(USER_CHANGE_SCHEMA), path: USER_PATH },
    response: json(200, "The user.", USER_SCHEMA),
    problems: [...JSON_BODY_PROBLEMS, "not_found", "weak_password", "not_supported", "shutting_down", "overloaded"],
  },
  "user.remove": {
    ...shared,
    method: "DELETE",
    path: "/v1/users/{user_id}",
    summary: "Remove a user",
    description: "From the project; in the project that made the account, the account itself.",
    permission: "members.manage",
    request: { path: USER_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: gone("Removed."),
    problems: ["not_found", "unknown_field", "shutting_down"],
  },
  "project.create": {
    ...shared,
    method: "POST",
    path: "/v1/projects",
    summary: "Make a project",
    description:
      "By administrators of the default project. Answers with the project's first administrator key; a user who makes it becomes its administrator too.",
    permission: "projects.manage",
    request: body(NEW_PROJECT_SCHEMA),
    creates: true,
    response: json(201, "The project and its first key.", CREATED_PROJECT_SCHEMA),
    problems: [...JSON_BODY_PROBLEMS, "count_limit_exceeded", "shutting_down"],
  },
  "project.list": {
    ...shared,
    method: "GET",
    path: "/v1/projects",
    summary: "List projects",
    description:
      "Those that the caller may enter, newest first; to administrators of the default project, all. `X-Project-Id` enters one.",
    permission: "projects.read",
    request: list,
    response: json(200, "A page of projects.", pageSchema(PROJECT_SCHEMA)),
    problems: ["validation_failed", "unknown_field"],
  },
} as const satisfies Record<string, OperationDefinition>;
