import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { newId } from "../../internal/ids.ts";
import { ensureOwnDirectory, writeOwnFile } from "../../internal/own-directory.ts";
import { apiKeyPrefix, hashApiKey, newApiKey } from "./api-key.ts";
import { inTransaction } from "./migrate.ts";

export interface LocalKey {
  readonly keyFile: string;
  /** `made`: just now, and in the file. `kept`: the file's key is valid. `missing`: it is not, or there is no file. */
  readonly state: "made" | "kept" | "missing";
  /** Only of a key that was made just now. */
  readonly apiKey: string | null;
  /** The key that was made with the database is still accepted: operators are told until they renew it. */
  readonly isFirstInUse: boolean;
}

/** The project of everyone who names none; made once. Call it under the start lock, as the owner. */
export async function ensureDefaultProject(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>("select id from tda.projects where is_default");
  if (rows[0] !== undefined) return rows[0].id;
  const id = newId("prj");
  await client.query("insert into tda.projects (id, name, is_default, cache_key) values ($1, 'default', true, $2)", [
    id,
    randomBytes(32),
  ]);
  return id;
}

/**
 * The administrator key of the command line on this machine, in `keys/local-api-key` (0600). The first is made with the
 * database; a key file that is there already (the folder served another database before) is let in instead of replaced.
 * `renew` revokes the local keys and makes another. Call it under the start lock, as the owner.
 */
export async function ensureLocalKey(
  client: pg.Client,
  options: { readonly keysDir: string; readonly projectId: string; readonly renew: boolean },
): Promise<LocalKey> {
  const { keysDir, projectId, renew } = options;
  const keyFile = join(keysDir, "local-api-key");
  await ensureOwnDirectory(keysDir, 0o700);
  const found = await readKey(keyFile);
  const { rows } = await client.query<{ any: boolean; ours: boolean; renewed: boolean }>(
    `select count(*) > 0 as any, coalesce(bool_or(is_local and revoked_at is not null), false) as renewed,
       coalesce(bool_or(secret_sha256 = $1 and revoked_at is null and (expires_at is null or expires_at > now())), false) as ours
     from tda.api_keys`,
    [found === null ? Buffer.alloc(0) : hashApiKey(found)],
  );
  const { any, ours, renewed } = rows[0]!;
  if (!renew && (any || found !== null)) {
    if (!any && found !== null) await insertLocalKey(client, projectId, found);
    return { keyFile, state: ours || !any ? "kept" : "missing", apiKey: null, isFirstInUse: !renewed };
  }
  const apiKey = newApiKey();
  await inTransaction(client, async () => {
    await client.query("update tda.api_keys set revoked_at = now() where is_local and revoked_at is null");
    await insertLocalKey(client, projectId, apiKey);
    // Before the commit: a key in the database whose secret nobody has could not be told from a lost one.
    await writeOwnFile(keyFile, `${apiKey}\n`, 0o600);
  });
  return { keyFile, state: "made", apiKey, isFirstInUse: !any };
}

async function readKey(path: string): Promise<string | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  const apiKey = text.trim();
  return apiKeyPrefix(apiKey) === null ? null : apiKey;
}

async function insertLocalKey(client: pg.Client, projectId: string, apiKey: string): Promise<void> {
  await client.query(
    `insert into tda.api_keys (id, project_id, name, prefix, secret_sha256, role, is_local)
     values ($1, $2, 'local command line', $3, $4, 'admin', true)`,
    [newId("key"), projectId, apiKeyPrefix(apiKey), hashApiKey(apiKey)],
  );
}
