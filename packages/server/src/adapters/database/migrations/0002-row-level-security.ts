import { CURRENT_PROJECT, isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

export const rowLevelSecurity: Migration = {
  version: 2,
  name: "row-level security",
  statements: [
    CURRENT_PROJECT,
    ...isolateProjects("projects", "id"),
    ...isolateProjects("api_keys"),
    ...isolateProjects("computations"),
  ],
};
