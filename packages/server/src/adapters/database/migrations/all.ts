import { projectsKeysComputations } from "./0001-projects-keys-computations.ts";
import type { Migration } from "./migration.ts";

/** In order of their versions. */
export const migrations: readonly Migration[] = [projectsKeysComputations];
