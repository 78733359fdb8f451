import type { WebhookSecret } from "@tda-platform/contract/webhooks";
import type pg from "pg";
import type { ValueSealer } from "../../../domain/ports.ts";
import type { WebhookSecrets } from "../../../domain/webhooks/delivery-queue.ts";
import { newWebhookSecret } from "../../../domain/webhooks/signature.ts";
import { newId } from "../../../internal/ids.ts";
import { asAvailable } from "../database-errors.ts";
import { inProject } from "../project-transaction.ts";

interface SecretRow {
  readonly id: string;
  readonly sealed: Buffer;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

const columns = "id, sealed, created_at, expires_at";
const validText = `select ${columns} from tda.webhook_secrets
  where project_id = $1 and (expires_at is null or expires_at > now()) order by expires_at desc nulls first limit 2`;
/** One is present at most: of two that make the first at once, one does, and the other reads it. */
const insertText = `insert into tda.webhook_secrets (project_id, id, sealed, master_key_id) values ($1, $2, $3, $4)
  on conflict (project_id) where expires_at is null do nothing returning ${columns}`;

const renewText = `update tda.webhook_secrets set sealed = $4, master_key_id = $5
  where project_id = $1 and id = $2 and sealed = $3`;
const renewBatch = 200;

/** Secrets of webhooks, sealed at rest under the master key, each for its own project and id. */
export class PostgresWebhookSecrets implements WebhookSecrets {
  readonly #pool: pg.Pool;
  readonly #systemPool: pg.Pool;
  readonly #sealer: ValueSealer;

  constructor(pool: pg.Pool, systemPool: pg.Pool, sealer: ValueSealer) {
    this.#pool = pool;
    this.#systemPool = systemPool;
    this.#sealer = sealer;
  }

  async signing(projectId: string): Promise<readonly string[]> {
    const found = await this.list(projectId);
    if (found.some(({ expires_at }) => expires_at === null)) return found.map(({ secret }) => secret);
    await inProject(this.#pool, projectId, (client) => this.#insert(client, projectId));
    return (await this.list(projectId)).map(({ secret }) => secret);
  }

  async list(projectId: string): Promise<readonly WebhookSecret[]> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<SecretRow>(validText, [projectId]),
    );
    return rows.map((row) => this.#opened(projectId, row));
  }

  async rotate(projectId: string, overlapSeconds: number): Promise<WebhookSecret> {
    return await inProject(this.#pool, projectId, async (client) => {
      // Rotations of a project one after the other: each replaces what the one before made.
      await client.query("select pg_advisory_xact_lock(hashtextextended($1, 7))", [projectId]);
      await client.query("delete from tda.webhook_secrets where project_id = $1 and expires_at is not null", [
        projectId,
      ]);
      await client.query(
        "update tda.webhook_secrets set expires_at = now() + make_interval(secs => $2::float8) where project_id = $1",
        [projectId, overlapSeconds],
      );
      const made = await this.#insert(client, projectId);
      if (made === null) throw new Error("a secret was made beside a rotation");
      return this.#opened(projectId, made);
    });
  }

  async renew(): Promise<number> {
    let renewed = 0;
    for (;;) {
      const { rows } = await asAvailable(() =>
        this.#systemPool.query<SecretRow & { project_id: string }>(
          `select project_id, ${columns} from tda.webhook_secrets where master_key_id <> $1 limit $2`,
          [this.#sealer.masterKeyId, renewBatch],
        ),
      );
      for (const { project_id: projectId, id, sealed } of rows) {
        const now = this.#sealer.renew(contextOf(projectId, id), sealed);
        const values = [projectId, id, sealed, now, this.#sealer.masterKeyId];
        await asAvailable(() => this.#systemPool.query(renewText, values));
      }
      renewed += rows.length;
      if (rows.length < renewBatch) return renewed;
    }
  }

  async #insert(client: pg.ClientBase, projectId: string): Promise<SecretRow | null> {
    const id = newId("whs");
    const sealed = this.#sealer.seal(contextOf(projectId, id), Buffer.from(newWebhookSecret()));
    return (
      (await client.query<SecretRow>(insertText, [projectId, id, sealed, this.#sealer.masterKeyId])).rows[0] ?? null
    );
  }

  #opened(projectId: string, { id, sealed, created_at, expires_at }: SecretRow): WebhookSecret {
    return {
      id,
      secret: Buffer.from(this.#sealer.open(contextOf(projectId, id), sealed)).toString(),
      created_at: created_at.toISOString(),
      expires_at: expires_at?.toISOString() ?? null,
    };
  }
}

function contextOf(projectId: string, id: string): string {
  return `webhook secret\n${projectId}\n${id}`;
}
