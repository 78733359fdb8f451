import type { ProblemDefinition } from "./definition.ts";

/** Of the erasure of a project. */
export const ERASURE_PROBLEMS = {
  confirmation_mismatch: {
    status: 422,
    title: "Name does not match",
    retryable: false,
    meaning: "`confirm_name` is not the name of the project that would be erased.",
    remedy: "Send the project's name exactly as it is listed.",
  },
  default_project: {
    status: 409,
    title: "Default project",
    retryable: false,
    meaning: "The default project holds the administration of all others and can't be erased.",
    remedy: "Remove the whole installation instead: its database, its data folder and its bucket.",
  },
} as const satisfies Record<string, ProblemDefinition>;
