import type pg from "pg";
import { asAvailable, isConnectionLost } from "./database-errors.ts";

/**
 * Runs `work` in a transaction that sees the rows of one project and no others: row-level security compares every row with
 * the project that is set here, for this transaction only, so that a pooled connection carries nothing to its next user.
 * Committed when `work` resolves, rolled back when it throws.
 * @throws DependencyUnavailable when the database cannot be used now.
 */
export async function inProject<T>(
  pool: pg.Pool,
  projectId: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return await transaction(pool, async (client) => {
    await setProject(client, projectId);
    return await work(client);
  });
}

/** Sets the project for what follows in the present transaction. */
export async function setProject(client: pg.ClientBase, projectId: string): Promise<void> {
  await client.query({
    name: "set-project",
    text: "select set_config('tda.project_id', $1, true)",
    values: [projectId],
  });
}

/** Runs `work` in a transaction. @throws DependencyUnavailable when the database cannot be used now. */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return await asAvailable(async () => {
    const client = await pool.connect();
    let failure: Error | undefined;
    // Between two statements nobody else listens, and an unheard loss of the connection would end the process.
    const onLost = (error: Error): void => {
      failure = error;
    };
    client.on("error", onLost);
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query("commit");
      return result;
    } catch (error) {
      // A connection that cannot even roll back is thrown away instead of being used again; one that is lost is not asked.
      if (isConnectionLost(error)) failure = error as Error;
      else
        await client.query("rollback").catch((broken: Error) => {
          failure = broken;
        });
      throw error;
    } finally {
      client.off("error", onLost);
      client.release(failure);
    }
  });
}
