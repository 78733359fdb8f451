import type { Key } from "@tda-platform/contract/access-schemas";
import { MAX_KEYS_PER_PROJECT } from "@tda-platform/contract/limits";
import type { Role } from "@tda-platform/contract/permissions";
import type pg from "pg";
import type { Actor, KeyInput, KeyStore, Slice } from "../../../domain/identity/ports.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { newId } from "../../../internal/ids.ts";
import { apiKeyPrefix, hashApiKey, newApiKey } from "../api-key.ts";
import { inProject } from "../project-transaction.ts";
import { auditWithin } from "./audit-rows.ts";
import { notifyOfChange } from "./changes.ts";

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: Role;
  readonly scopes: readonly string[] | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
}

const columns = "id, name, prefix, role, scopes, created_at, expires_at, last_used_at";
const valid = "revoked_at is null and (expires_at is null or expires_at > now())";

export class PostgresKeyStore implements KeyStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async create(actor: Actor, input: KeyInput): Promise<{ key: Key; secret: string }> {
    return await inProject(this.#pool, actor.principal.projectId, async (client) => {
      const made = await insertKey(client, actor.principal.projectId, input, actor.principal.id);
      await auditWithin(client, actor, made.key.id, { status: 201 });
      return made;
    });
  }

  async list(projectId: string, { limit, before }: Slice): Promise<readonly Key[]> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<KeyRow>(
        `select ${columns} from tda.api_keys
         where project_id = $1 and revoked_at is null and ($2::text is null or id < $2) order by id desc limit $3`,
        [projectId, before, limit + 1],
      ),
    );
    return rows.map(present);
  }

  async find(projectId: string, keyId: string): Promise<Key | null> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<KeyRow>(`select ${columns} from tda.api_keys where id = $1 and revoked_at is null`, [keyId]),
    );
    return rows[0] === undefined ? null : present(rows[0]);
  }

  async revoke(actor: Actor, keyId: string): Promise<boolean> {
    return await inProject(this.#pool, actor.principal.projectId, async (client) => {
      const { rowCount } = await client.query(
        "update tda.api_keys set revoked_at = now() where id = $1 and revoked_at is null",
        [keyId],
      );
      if (rowCount === 0) return false;
      await notifyOfChange(client, keyId);
      await auditWithin(client, actor, keyId, { status: 204 });
      return true;
    });
  }

  async rotate(actor: Actor, keyId: string, overlapSeconds: number): Promise<{ key: Key; secret: string } | null> {
    const { projectId, id: createdBy } = actor.principal;
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<KeyRow>(
        `select ${columns} from tda.api_keys where id = $1 and ${valid} for update`,
        [keyId],
      );
      const old = rows[0];
      if (old === undefined) return null;
      const input = {
        name: old.name,
        role: old.role,
        scopes: old.scopes as KeyInput["scopes"],
        expiresAt: old.expires_at,
      };
      const made = await insertKey(client, projectId, input, createdBy);
      await client.query(
        `update tda.api_keys set revoked_at = case when $2 = 0 then now() end,
           expires_at = least(expires_at, now() + make_interval(secs => $2)) where id = $1`,
        [keyId, overlapSeconds],
      );
      await notifyOfChange(client, keyId);
      await auditWithin(client, actor, keyId, { status: 201 });
      return made;
    });
  }
}

/** Makes a key in the present transaction, which must be the project's or the system's. */
export async function insertKey(
  client: pg.ClientBase,
  projectId: string,
  input: KeyInput,
  createdBy: string,
): Promise<{ key: Key; secret: string }> {
  const { rows: counted } = await client.query<{ keys: number }>(
    `select count(*)::int as keys from tda.api_keys where project_id = $1 and ${valid}`,
    [projectId],
  );
  if ((counted[0]?.keys ?? 0) >= MAX_KEYS_PER_PROJECT) {
    throw new ProblemError("count_limit_exceeded", `A project has at most ${MAX_KEYS_PER_PROJECT} keys.`);
  }
  const secret = newApiKey();
  const { rows } = await client.query<KeyRow>(
    `insert into tda.api_keys (id, project_id, name, prefix, secret_sha256, role, scopes, expires_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${columns}`,
    [
      newId("key"),
      projectId,
      input.name,
      apiKeyPrefix(secret),
      hashApiKey(secret),
      input.role,
      input.scopes,
      input.expiresAt,
      createdBy,
    ],
  );
  return { key: present(rows[0]!), secret };
}

function present({ created_at, expires_at, last_used_at, ...row }: KeyRow): Key {
  return {
    ...row,
    created_at: created_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
    last_used_at: last_used_at?.toISOString() ?? null,
  };
}
