import type { Generated } from "kysely";

/** The tables as the application's role sees them; `migrations/` makes them, in the schema `tda`. */
export interface DatabaseSchema {
  readonly projects: ProjectsTable;
  readonly api_keys: ApiKeysTable;
  readonly computations: ComputationsTable;
}

export interface ProjectsTable {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
  /** 32 random bytes: the key of the HMAC that cache keys are. */
  readonly cache_key: Buffer;
  readonly created_at: Generated<Date>;
}

export interface ApiKeysTable {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  /** Public part of the key, to recognise it by. */
  readonly prefix: string;
  readonly secret_sha256: Buffer;
  readonly role: "viewer" | "analyst" | "operator" | "admin";
  /** Made at start for the command line on this machine. */
  readonly is_local: boolean;
  readonly created_at: Generated<Date>;
  readonly expires_at: Date | null;
  /** Within a minute; written in batches. */
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

export interface ComputationsTable {
  readonly id: string;
  readonly project_id: string;
  readonly principal_id: string;
  readonly request_id: string;
  readonly algorithm: string;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly error_code: string | null;
  readonly input_sha256: Buffer;
  readonly parameters: unknown;
  readonly statistics: unknown;
  readonly engine: string;
  readonly engine_version: string;
  readonly started_at: Date;
  readonly finished_at: Date;
}
