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
  { table: "api_keys", privilege: "INSERT" },
  { table: "api_keys", privilege: "UPDATE", column: "expires_at" },
  { table: "api_keys", privilege: "UPDATE", column: "revoked_at" },
  { table: "users", privilege: "SELECT" },
  { table: "users", privilege: "INSERT" },
  { table: "users", privilege: "UPDATE", column: "display_name" },
  { table: "users", privilege: "UPDATE", column: "password_hash" },
  { table: "users", privilege: "UPDATE", column: "password_changed_at" },
  { table: "users", privilege: "UPDATE", column: "disabled_at" },
  { table: "users", privilege: "DELETE" },
  { table: "memberships", privilege: "SELECT" },
  { table: "memberships", privilege: "INSERT" },
  { table: "memberships", privilege: "UPDATE", column: "role" },
  { table: "memberships", privilege: "DELETE" },
  { table: "sessions", privilege: "SELECT" },
  { table: "sessions", privilege: "INSERT" },
  { table: "tickets", privilege: "INSERT" },
  { table: "audit_log", privilege: "SELECT" },
  { table: "audit_log", privilege: "INSERT" },
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
  { table: "projects", privilege: "INSERT" },
  { table: "api_keys", privilege: "INSERT" },
  { table: "users", privilege: "SELECT" },
  { table: "users", privilege: "UPDATE", column: "password_hash" },
  { table: "users", privilege: "UPDATE", column: "password_changed_at" },
  { table: "memberships", privilege: "SELECT" },
  { table: "memberships", privilege: "INSERT" },
  { table: "sessions", privilege: "SELECT" },
  { table: "sessions", privilege: "UPDATE" },
  { table: "sessions", privilege: "DELETE" },
  { table: "tickets", privilege: "SELECT" },
  { table: "tickets", privilege: "DELETE" },
  { table: "login_attempts", privilege: "SELECT" },
  { table: "login_attempts", privilege: "INSERT" },
  { table: "login_attempts", privilege: "UPDATE" },
  { table: "login_attempts", privilege: "DELETE" },
  { table: "signing_keys", privilege: "SELECT" },
  { table: "signing_keys", privilege: "INSERT" },
  { table: "signing_keys", privilege: "UPDATE" },
  { table: "signing_keys", privilege: "DELETE" },
  { table: "audit_log", privilege: "SELECT" },
  { table: "audit_log", privilege: "INSERT" },
  ...allOf("SELECT", "UPDATE", "DELETE")("blobs", "uploads"),
  ...allOf("SELECT", "DELETE")("datasets", "upload_parts"),
];
