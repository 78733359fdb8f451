import type { AvroRecord } from "@tda-platform/contract/events/avro";
import type pg from "pg";
import { requireCompatible } from "../../../domain/log/schema-compatibility.ts";
import type { RegisteredSchema, SchemaRegistry } from "../../../domain/log/schema-registry.ts";
import { asAvailable } from "../database-errors.ts";
import { transaction } from "../project-transaction.ts";

/** An advisory lock: "tda" in letters, and 4 for the registration of schemas. */
const registryLock = [0x746461, 4] as const;

interface SchemaRow {
  readonly id: number;
  readonly version: number;
  readonly schema: AvroRecord;
}

/** The registry of an installation without one: a table. Through connections of the system's role. */
export class PostgresSchemaRegistry implements SchemaRegistry {
  readonly kind = "embedded";
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async register(subject: string, schema: AvroRecord): Promise<number> {
    return await transaction(this.#pool, async (client) => {
      await client.query("select pg_advisory_xact_lock($1, $2)", [...registryLock]);
      const earlier = await versionsOf(client, subject);
      const text = JSON.stringify(schema);
      const known = earlier.find((each) => JSON.stringify(each.schema) === text);
      if (known !== undefined) return known.id;
      requireCompatible(subject, schema, earlier);
      const { rows } = await client.query<{ id: number }>(
        `insert into tda.schemas (id, subject, version, schema)
         select coalesce(max(id), 0) + 1, $1, $2, $3 from tda.schemas returning id`,
        [subject, (earlier.at(-1)?.version ?? 0) + 1, text],
      );
      return rows[0]!.id;
    });
  }

  async find(id: number): Promise<object | null> {
    const text = "select schema from tda.schemas where id = $1";
    const { rows } = await asAvailable(() => this.#pool.query<{ schema: object }>(text, [id]));
    return rows[0]?.schema ?? null;
  }

  versions(subject: string): Promise<readonly RegisteredSchema[]> {
    return asAvailable(() => versionsOf(this.#pool, subject));
  }
}

async function versionsOf(client: pg.ClientBase | pg.Pool, subject: string): Promise<readonly RegisteredSchema[]> {
  const text = "select id, version, schema from tda.schemas where subject = $1 order by version";
  return (await client.query<SchemaRow>(text, [subject])).rows;
}
