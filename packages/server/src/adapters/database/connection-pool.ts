import pg from "pg";
import type { Logger } from "../../internal/logger.ts";

export interface PoolOptions {
  readonly connection: pg.ClientConfig;
  readonly size: number;
  readonly statementTimeoutMs: number;
  /** Taken by every connection, when the login is not the application's role itself. */
  readonly role: string | null;
  /**
   * Every statement finds its rows by keys, and says so to the planner: its statistics of tables that fill and empty within
   * seconds are always those of another moment, and a scan of what seems empty would read a hundred thousand rows.
   */
  readonly findsByKeys?: boolean;
  readonly logger: Logger;
}

const connectLimitMs = 3_000;
const idleLimitMs = 60_000;
const int8Oid = 20;
const numericOid = 1700;

/** `bigint` as a number: ours are counts and bytes. One beyond 2^53 is an error, not a rounding. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is beyond the integers of a number`);
  return value;
}

const parsers = new Map<number, (text: string) => unknown>([
  [int8Oid, parseInt8],
  [numericOid, Number],
]);

/** How values of the database become values of the program, without changing it for the whole process. */
export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    const own = format === "binary" ? undefined : parsers.get(oid);
    return own ?? pg.types.getTypeParser(oid, format as "text");
  }) as typeof pg.types.getTypeParser,
};

const BY_KEYS = `select set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
  set_config('enable_mergejoin', 'off', false)`;

/** A bounded pool of connections. A lost connection is replaced by the next use; nothing crashes for it. */
export function createPool(options: PoolOptions): pg.Pool {
  const { role, statementTimeoutMs } = options;
  const pool = new pg.Pool({
    ...options.connection,
    application_name: "tda-server",
    max: options.size,
    // One stays open, so that a quiet server answers its next request without connecting first.
    min: 1,
    idleTimeoutMillis: idleLimitMs,
    connectionTimeoutMillis: connectLimitMs,
    keepAlive: true,
    types: valueTypes,
    onConnect: async (client) => {
      // By a statement, not by start parameters: connection poolers in between refuse those.
      await client.query(
        "select set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false), set_config('role', $2, false)",
        [String(statementTimeoutMs), role ?? "none"],
      );
      if (options.findsByKeys === true) await client.query(BY_KEYS);
    },
  });
  // One that is being closed is heard by nobody else, and an unheard error would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  pool.on("error", (error) => options.logger.debug({ err: error }, "an idle database connection was lost"));
  return pool;
}
