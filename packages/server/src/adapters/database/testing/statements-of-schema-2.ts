/**
 * What servers of schema version 2 (the first with row-level security) say to the database, as they say it: recorded, not
 * shared with the present code. While a newer server has migrated the database, such servers still run beside it.
 */
export interface RecordedStatement {
  readonly name: string;
  /** `application`: within a project; `system`: across projects. */
  readonly as: "application" | "system";
  readonly text: string;
  /** Of the project, an API key's hash and id. */
  readonly values: (known: KnownRows) => unknown[];
  /** Rows that it finds or changes at least. */
  readonly rows: number;
}

export interface KnownRows {
  readonly projectId: string;
  readonly keyId: string;
  readonly keySha256: Buffer;
}

export const STATEMENTS_OF_SCHEMA_2: readonly RecordedStatement[] = [
  {
    name: "record-computations",
    as: "application",
    text: `insert into tda.computations (id, project_id, principal_id, request_id, algorithm, status, error_code, input_sha256, parameters, statistics, engine, engine_version, started_at, finished_at)
  select id, project_id, principal_id, request_id, algorithm, status, error_code, decode(input_sha256, 'hex'), parameters::jsonb, statistics::jsonb, engine, engine_version, started_at, finished_at
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[]) as given (id, project_id, principal_id, request_id, algorithm, status, error_code, input_sha256, parameters, statistics, engine, engine_version, started_at, finished_at)`,
    values: ({ projectId }) => [
      ["cmp_0193b7c0-0000-7000-8000-000000000000"],
      [projectId],
      ["local"],
      ["req"],
      ["vietoris-rips"],
      ["succeeded"],
      [null],
      ["ab".repeat(32)],
      ['{"max_dimension":1}'],
      ['{"points":3}'],
      ["native"],
      ["0.1.0"],
      [new Date(1_700_000_000_000)],
      [new Date(1_700_000_000_001)],
    ],
    rows: 1,
  },
  {
    name: "read-cache-key",
    as: "application",
    text: "select cache_key from tda.projects where id = $1",
    values: ({ projectId }) => [projectId],
    rows: 1,
  },
  {
    name: "find-api-key",
    as: "system",
    text: `select id, project_id, role, expires_at from tda.api_keys
  where secret_sha256 = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    values: ({ keySha256 }) => [keySha256],
    rows: 1,
  },
  {
    name: "write-last-used",
    as: "system",
    text: `update tda.api_keys set last_used_at = greatest(last_used_at, used.at)
         from unnest($1::text[], $2::timestamptz[]) as used (id, at) where api_keys.id = used.id`,
    values: ({ keyId }) => [[keyId], [new Date()]],
    rows: 1,
  },
  {
    name: "delete-old-computations",
    as: "system",
    text: `delete from tda.computations where (project_id, id) in (
         select project_id, id from tda.computations where finished_at < now() - make_interval(days => $1) limit $2)`,
    values: () => [30, 2_000],
    rows: 1,
  },
];
