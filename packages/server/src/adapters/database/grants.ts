export interface Grant {
  readonly table: string;
  readonly privilege: "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  /** Only this column. */
  readonly column?: string;
}

/** What the application may do, within its transaction's project. Nothing on partitions: rows go through their table. */
export const APPLICATION_GRANTS: readonly Grant[] = [
  { table: "projects", privilege: "SELECT" },
  { table: "api_keys", privilege: "SELECT" },
  { table: "computations", privilege: "SELECT" },
  { table: "computations", privilege: "INSERT" },
];

/** What works across projects may do: look-ups before the project is known, times of use, retention. */
export const SYSTEM_GRANTS: readonly Grant[] = [
  { table: "projects", privilege: "SELECT" },
  { table: "api_keys", privilege: "SELECT" },
  { table: "api_keys", privilege: "UPDATE", column: "last_used_at" },
  { table: "computations", privilege: "SELECT" },
  { table: "computations", privilege: "DELETE" },
];
