import type pg from "pg";

/** Runs a deletion of at most `$1` rows until less are left: no long transaction, no long lock. How many rows went. */
export async function deleteInBatches(
  pool: pg.Pool,
  text: string,
  batchRows: number,
  values: readonly unknown[],
): Promise<number> {
  for (let deleted = 0; ; ) {
    const count = (await pool.query(text, [batchRows, ...values])).rowCount ?? 0;
    deleted += count;
    if (count < batchRows) return deleted;
  }
}
