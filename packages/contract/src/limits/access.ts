import type { LimitDefinition } from "./definition.ts";
import {
  LOGIN_ATTEMPTS,
  MAX_KEYS_PER_PROJECT,
  MAX_MEMBERS_PER_PROJECT,
  MAX_PROJECTS,
  PASSWORD_MIN_CHARACTERS,
  REVOCATION_SECONDS,
  TICKET_SECONDS,
} from "./values.ts";

/** Of users, credentials and projects. */
export const ACCESS_LIMITS = {
  password_characters: {
    unit: "characters",
    value: { fixed: PASSWORD_MIN_CHARACTERS },
    summary: "Shortest password of a user.",
    problem: "weak_password",
  },
  failed_logins: {
    unit: "count",
    value: { fixed: LOGIN_ATTEMPTS.userAtAddress },
    summary: "Failed logins of one user from one address in a quarter of an hour; ten times as many of one of the two.",
    problem: "too_many_attempts",
  },
  ticket_seconds: {
    unit: "seconds",
    value: { fixed: TICKET_SECONDS },
    summary: "Life of a one-use ticket.",
    problem: "invalid_token",
  },
  access_token_seconds: {
    unit: "seconds",
    value: { setting: "accessTokenSeconds" },
    summary: "Life of an access token of the built-in issuer.",
    problem: "invalid_token",
  },
  revocation_seconds: {
    unit: "seconds",
    value: { fixed: REVOCATION_SECONDS },
    summary: "Time after which a revoked credential is refused by every server.",
    problem: null,
  },
  keys_per_project: {
    unit: "count",
    value: { fixed: MAX_KEYS_PER_PROJECT },
    summary: "API keys of one project.",
    problem: "count_limit_exceeded",
  },
  members_per_project: {
    unit: "count",
    value: { fixed: MAX_MEMBERS_PER_PROJECT },
    summary: "Users who are members of one project.",
    problem: "count_limit_exceeded",
  },
  projects: {
    unit: "count",
    value: { fixed: MAX_PROJECTS },
    summary: "Projects of the installation.",
    problem: "count_limit_exceeded",
  },
} as const satisfies Record<string, LimitDefinition>;
