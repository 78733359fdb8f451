export interface Grant {
  readonly table: string;
  readonly privilege: "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  /** Only this column. */
  readonly column?: string;
}

function allOf(...privileges: Grant["privilege"][]): (...tables: string[]) => Grant[] {
  return (...tables) => tables.flatMap((table) => privileges.map((privilege) => ({ table, privilege })));
}

/** What the application may do, within its transaction's project. Nothing on partitions: rows go through their table. */
export const APPLICATION_GRANTS: readonly Grant[] = [
  { table: "projects", privilege: "SELECT" },
  { table: "api_keys", privilege: "SELECT" },
  { table: "computations", privilege: "SELECT" },
  { table: "computations", privilege: "INSERT" },
  { table: "jobs", privilege: "SELECT" },
  { table: "jobs", privilege: "INSERT" },
  { table: "jobs", privilege: "UPDATE" },
  { table: "job_inputs", privilege: "SELECT" },
  { table: "job_inputs", privilege: "INSERT" },
  { table: "job_results", privilege: "SELECT" },
  { table: "outbox", privilege: "SELECT" },
  { table: "outbox", privilege: "INSERT" },
  ...allOf("SELECT", "INSERT", "UPDATE", "DELETE")("blobs", "uploads"),
  ...allOf("SELECT", "INSERT", "DELETE")("datasets", "upload_parts"),
];

/** What works across projects may do: look-ups before the project is known, times of use, retention. */
export const SYSTEM_GRANTS: readonly Grant[] = [
  { table: "projects", privilege: "SELECT" },
  { table: "api_keys", privilege: "SELECT" },
  { table: "api_keys", privilege: "UPDATE", column: "last_used_at" },
  { table: "computations", privilege: "SELECT" },
  { table: "computations", privilege: "INSERT" },
  { table: "computations", privilege: "DELETE" },
  { table: "jobs", privilege: "SELECT" },
  { table: "jobs", privilege: "UPDATE" },
  { table: "jobs", privilege: "DELETE" },
  { table: "job_inputs", privilege: "SELECT" },
  { table: "job_inputs", privilege: "DELETE" },
  { table: "job_results", privilege: "SELECT" },
  { table: "job_results", privilege: "INSERT" },
  { table: "job_results", privilege: "DELETE" },
  { table: "outbox", privilege: "SELECT" },
  { table: "outbox", privilege: "INSERT" },
  { table: "outbox", privilege: "UPDATE" },
  { table: "outbox", privilege: "DELETE" },
  ...allOf("SELECT", "UPDATE", "DELETE")("blobs", "uploads"),
  ...allOf("SELECT", "DELETE")("datasets", "upload_parts"),
];
