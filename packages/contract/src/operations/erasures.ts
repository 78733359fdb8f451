import {
  ERASE_PROJECT_SCHEMA,
  ERASURE_ID_SCHEMA,
  ERASURE_LIST_QUERY_SCHEMA,
  ERASURE_PAGE_SCHEMA,
  ERASURE_SCHEMA,
} from "../erasures.ts";
import { idPattern } from "../identifiers.ts";
import { MEDIA_TYPES } from "../media-types.ts";
import { JSON_BODY_PROBLEMS, NO_QUERY, type OperationDefinition } from "./definition.ts";

export const ERASURE_OPERATIONS = {
  "projects.erase": {
    method: "DELETE",
    path: "/v1/projects/{project_id}",
    aliases: [],
    tag: "Erasure",
    summary: "Erase a project",
    description:
      "Deletes everything of a project, for good: credentials, jobs, results, datasets, audit entries. By administrators of the default project, which itself can't be erased. Goes on in the background; asking again answers with the same erasure.",
    permission: "projects.manage",
    request: {
      path: { project_id: { type: "string", pattern: idPattern("prj"), description: "The project." } },
      bodies: { [MEDIA_TYPES.json]: ERASE_PROJECT_SCHEMA },
      query: NO_QUERY,
      headers: {},
    },
    response: {
      status: 202,
      description: "The erasure.",
      bodies: { [MEDIA_TYPES.json]: ERASURE_SCHEMA },
      headers: { Location: "Where its progress is." },
    },
    problems: [...JSON_BODY_PROBLEMS, "not_found", "confirmation_mismatch", "default_project", "shutting_down"],
  },
  "erasures.read": {
    method: "GET",
    path: "/v1/erasures/{erasure_id}",
    aliases: [],
    tag: "Erasure",
    summary: "Read an erasure",
    description: "How far it has come. The record stays, without anything of the project but its identifier.",
    permission: "projects.manage",
    request: {
      path: { erasure_id: { ...ERASURE_ID_SCHEMA, description: "The erasure." } },
      bodies: {},
      query: NO_QUERY,
      headers: {},
    },
    response: { status: 200, description: "The erasure.", bodies: { [MEDIA_TYPES.json]: ERASURE_SCHEMA }, headers: {} },
    problems: ["not_found", "unknown_field"],
  },
  "erasures.list": {
    method: "GET",
    path: "/v1/erasures",
    aliases: [],
    tag: "Erasure",
    summary: "List erasures",
    description: "Those under way and those that are done, newest first.",
    permission: "projects.manage",
    request: { bodies: {}, query: ERASURE_LIST_QUERY_SCHEMA, headers: {} },
    response: {
      status: 200,
      description: "A page of erasures.",
      bodies: { [MEDIA_TYPES.json]: ERASURE_PAGE_SCHEMA },
      headers: {},
    },
    problems: ["validation_failed", "unknown_field"],
  },
} as const satisfies Record<string, OperationDefinition>;
