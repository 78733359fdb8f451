import { hash, randomBytes } from "node:crypto";
import { TICKET_SECONDS } from "@tda-platform/contract/limits";
import type { Permission } from "@tda-platform/contract/permissions";
import type pg from "pg";
import type { TicketStore } from "../../../domain/identity/ports.ts";
import type { Principal, TicketVerifier } from "../../../domain/ports.ts";
import { asAvailable } from "../database-errors.ts";
import { inProject } from "../project-transaction.ts";

type StoredPrincipal = Omit<Principal, "permissions"> & { readonly permissions: readonly Permission[] };

const FORM = /^tdt_[A-Za-z0-9_-]{43}$/;

export class PostgresTicketStore implements TicketStore, TicketVerifier {
  readonly #pool: pg.Pool;
  readonly #systemPool: pg.Pool;

  constructor(pool: pg.Pool, systemPool: pg.Pool) {
    this.#pool = pool;
    this.#systemPool = systemPool;
  }

  async issue(principal: Principal, path: string): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = `tdt_${randomBytes(32).toString("base64url")}`;
    const stored: StoredPrincipal = { ...principal, permissions: [...principal.permissions] };
    const { rows } = await inProject(this.#pool, principal.projectId, (client) =>
      client.query<{ expires_at: Date }>(
        // Not by `returning`: the application writes tickets and reads none.
        `with made as (select now() + make_interval(secs => $5) as expires_at), written as (
           insert into tda.tickets (secret_sha256, project_id, path, principal, expires_at)
           select $1::bytea, $2::text, $3::text, $4::jsonb, expires_at from made)
         select expires_at from made`,
        [sha256(ticket), principal.projectId, path, JSON.stringify(stored), TICKET_SECONDS],
      ),
    );
    return { ticket, expiresAt: rows[0]!.expires_at };
  }

  async redeem(ticket: string, path: string): Promise<Principal | null> {
    if (!FORM.test(ticket)) return null;
    // Deleting is using: of two at the same time one finds nothing.
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<{ path: string; principal: StoredPrincipal; is_open: boolean }>(
        `delete from tda.tickets where secret_sha256 = $1 returning path, principal, expires_at > now() as is_open`,
        [sha256(ticket)],
      ),
    );
    const row = rows[0];
    if (row === undefined || !row.is_open || row.path !== path) return null;
    return { ...row.principal, permissions: new Set(row.principal.permissions) };
  }
}

function sha256(ticket: string): Buffer {
  return hash("sha256", ticket, "buffer");
}
