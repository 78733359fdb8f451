import pg from "pg";
import { DependencyUnavailable } from "../../domain/errors.ts";

export const retryAfterSeconds = 1;

/** Socket and name errors of Node. */
const systemCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EACCES",
]);

/**
 * Classes and codes of PostgreSQL that mean "not now": connection (08), resources such as disk and connections (53),
 * operator intervention such as a shutdown (57P), a statement past its time (57014), a lock not got (55P03), a standby
 * (25006), a system error such as a failed write (58).
 */
const unavailableSqlState = /^(08|53|57P|58)|^(57014|55P03|25006)$/;

/** Raised by the client library without a code. */
const clientMessage =
  /^Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|connection error and is not queryable|Client was closed|Cannot use a pool after calling end/;

/** Whether an error says that the database cannot be used now, rather than that the statement was wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof pg.DatabaseError) return unavailableSqlState.test(error.code ?? "");
  return systemCodes.has((error as NodeJS.ErrnoException).code ?? "") || clientMessage.test(error.message);
}

/** Classes and codes that say that the server is going, gone or not yet there. */
const lostSqlState = /^(08|57P0[123])/;
const poolExhausted = /^timeout exceeded when trying to connect/;

/** Whether the connection failed, rather than that the database answers and can't serve this call. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return lostSqlState.test(error.code ?? "");
  return isDatabaseUnavailable(error) && !poolExhausted.test((error as Error).message);
}

/** Runs a database operation; when the database is unavailable, that is what the error says. */
export async function asAvailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    throw new DependencyUnavailable(
      "database",
      `The database is unavailable: ${(error as Error).message}`,
      retryAfterSeconds,
      {
        cause: error,
      },
    );
  }
}
