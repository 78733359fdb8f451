import type pg from "pg";
import type { LoginContext, RefreshToken, Session, SessionStore } from "../../../domain/identity/ports.ts";
import { newId } from "../../../internal/ids.ts";
import type { Logger } from "../../../internal/logger.ts";
import { asAvailable } from "../database-errors.ts";
import { inProject, transaction } from "../project-transaction.ts";
import { auditLogin } from "./audit-rows.ts";
import { notifyOfChange } from "./changes.ts";

interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly project_id: string;
  readonly expires_at: Date;
  readonly secret_sha256: Buffer;
}

const columns = "id, user_id, project_id, expires_at, secret_sha256";
const open = "ended_at is null and expires_at > now()";

/** Sessions are looked up by a token, before a project is known: on the system's connections. */
export class PostgresSessionStore implements SessionStore {
  readonly #pool: pg.Pool;
  readonly #systemPool: pg.Pool;
  readonly #logger: Logger;

  constructor(pool: pg.Pool, systemPool: pg.Pool, logger: Logger) {
    this.#pool = pool;
    this.#systemPool = systemPool;
    this.#logger = logger;
  }

  async open(
    context: LoginContext,
    { userId, projectId, lifeMs }: { userId: string; projectId: string; lifeMs: number },
    token: RefreshToken,
  ): Promise<Session> {
    const id = newId("ses");
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<SessionRow>(
        `insert into tda.sessions (id, project_id, user_id, family_sha256, secret_sha256, address, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)) returning ${columns}`,
        [id, projectId, userId, token.family, token.secret, context.address, lifeMs / 1000],
      );
      const session = present(rows[0]!);
      await auditLogin(client, context, session, 200);
      return session;
    });
  }

  async find(token: RefreshToken): Promise<Session | null> {
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<SessionRow>(`select ${columns} from tda.sessions where family_sha256 = $1 and ${open}`, [
        token.family,
      ]),
    );
    return rows[0] === undefined ? null : present(rows[0]);
  }

  async rotate(context: LoginContext, used: RefreshToken, next: RefreshToken): Promise<Session | null> {
    return await transaction(this.#systemPool, async (client) => {
      // The lock makes one of two uses at the same time the second.
      const { rows } = await client.query<SessionRow>(
        `select ${columns} from tda.sessions where family_sha256 = $1 and ${open} for update`,
        [used.family],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const session = present(row);
      if (!row.secret_sha256.equals(used.secret)) {
        // Whoever has the family's part had a token of it: one of the two who use it is not the owner.
        await endSession(client, row.id, "reuse");
        await auditLogin(client, context, session, 401);
        this.#logger.warn(
          { session: row.id, user: row.user_id },
          "a refresh token was used twice; its session has ended",
        );
        return null;
      }
      await client.query("update tda.sessions set secret_sha256 = $2, refreshed_at = now() where id = $1", [
        row.id,
        next.secret,
      ]);
      await auditLogin(client, context, session, 200);
      return session;
    });
  }

  async end(context: LoginContext, which: { sessionId: string } | { token: RefreshToken }): Promise<boolean> {
    return await transaction(this.#systemPool, async (client) => {
      const [condition, value] =
        "token" in which ? ["family_sha256 = $1", which.token.family] : ["id = $1", which.sessionId];
      const { rows } = await client.query<SessionRow>(
        `select ${columns} from tda.sessions where ${condition} and ${open} for update`,
        [value],
      );
      const row = rows[0];
      if (row === undefined) return false;
      await endSession(client, row.id, "logout");
      await auditLogin(client, context, present(row), 204);
      return true;
    });
  }
}

async function endSession(client: pg.ClientBase, id: string, because: string): Promise<void> {
  await client.query("update tda.sessions set ended_at = now(), ended_because = $2 where id = $1", [id, because]);
  await notifyOfChange(client, id);
}

/** Ends every session of a user, in whichever project it was opened. */
export async function endSessionsOf(system: pg.ClientBase, userId: string, because: string): Promise<void> {
  await system.query(
    "update tda.sessions set ended_at = now(), ended_because = $2 where user_id = $1 and ended_at is null",
    [userId, because],
  );
  await notifyOfChange(system, userId);
}

function present({ id, user_id, project_id, expires_at }: SessionRow): Session {
  return { id, userId: user_id, projectId: project_id, expiresAt: expires_at };
}
