import type { User } from "@tda-platform/contract/access-schemas";
import { MAX_MEMBERS_PER_PROJECT } from "@tda-platform/contract/limits";
import type { Role } from "@tda-platform/contract/permissions";
import pg from "pg";
import type { AccountChange, AccountInput, Actor, Slice, UserStore } from "../../../domain/identity/ports.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { newId } from "../../../internal/ids.ts";
import { inProject, transaction } from "../project-transaction.ts";
import { auditWithin } from "./audit-rows.ts";
import { notifyOfChange } from "./changes.ts";
import { endSessionsOf } from "./session-store.ts";

interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly display_name: string | null;
  readonly role: Role;
  readonly is_disabled: boolean;
  readonly is_local: boolean;
  readonly created_at: Date;
}

const uniqueViolation = "23505";
const foreignKeyViolation = "23503";

const selectText = `select u.id, u.username, u.display_name, m.role, u.disabled_at is not null as is_disabled,
    u.project_id = m.project_id as is_local, u.created_at
  from tda.memberships m join tda.users u on u.id = m.user_id where m.project_id = $1`;

export class PostgresUserStore implements UserStore {
  readonly #pool: pg.Pool;
  /** Sessions belong to the project of the login, which may be another. */
  readonly #systemPool: pg.Pool;

  constructor(pool: pg.Pool, systemPool: pg.Pool) {
    this.#pool = pool;
    this.#systemPool = systemPool;
  }

  async create(actor: Actor, { username, passwordHash, displayName, role }: AccountInput): Promise<User> {
    const { projectId } = actor.principal;
    const id = newId("usr");
    return await taken("Another user has this name.", () =>
      inProject(this.#pool, projectId, async (client) => {
        await client.query(
          `insert into tda.users (id, project_id, username, display_name, password_hash, password_changed_at)
           values ($1, $2, $3, $4, $5::text, case when $5::text is null then null else now() end)`,
          [id, projectId, username, displayName, passwordHash],
        );
        await insertMembership(client, projectId, id, role);
        await auditWithin(client, actor, id, { status: 201 });
        return (await findIn(client, projectId, id))!;
      }),
    );
  }

  async join(actor: Actor, userId: string, role: Role): Promise<User | null> {
    const { projectId } = actor.principal;
    try {
      return await taken("The user is a member already.", () =>
        inProject(this.#pool, projectId, async (client) => {
          await insertMembership(client, projectId, userId, role);
          await auditWithin(client, actor, userId, { status: 201 });
          return await findIn(client, projectId, userId);
        }),
      );
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === foreignKeyViolation) return null;
      throw error;
    }
  }

  async list(projectId: string, { limit, before }: Slice): Promise<readonly User[]> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<UserRow>(`${selectText} and ($2::text is null or u.id < $2) order by u.id desc limit $3`, [
        projectId,
        before,
        limit + 1,
      ]),
    );
    return rows.map(present);
  }

  async find(projectId: string, userId: string): Promise<User | null> {
    return await inProject(this.#pool, projectId, (client) => findIn(client, projectId, userId));
  }

  async update(actor: Actor, userId: string, change: AccountChange): Promise<User | null> {
    const { projectId } = actor.principal;
    const updated = await inProject(this.#pool, projectId, async (client) => {
      const found = await findIn(client, projectId, userId);
      if (found === null) return null;
      if (change.role !== undefined) {
        await client.query("update tda.memberships set role = $3 where project_id = $1 and user_id = $2", [
          projectId,
          userId,
          change.role,
        ]);
      }
      await updateAccount(client, found, change);
      await notifyOfChange(client, userId);
      await auditWithin(client, actor, userId);
      return await findIn(client, projectId, userId);
    });
    if (updated !== null && change.passwordHash !== undefined) {
      await transaction(this.#systemPool, (client) => endSessionsOf(client, userId, "password"));
    }
    return updated;
  }

  async remove(actor: Actor, userId: string): Promise<boolean> {
    const { projectId } = actor.principal;
    return await inProject(this.#pool, projectId, async (client) => {
      const found = await findIn(client, projectId, userId);
      if (found === null) return false;
      await client.query(
        found.is_local
          ? "delete from tda.users where id = $2 and project_id = $1"
          : "delete from tda.memberships where project_id = $1 and user_id = $2",
        [projectId, userId],
      );
      await notifyOfChange(client, userId);
      await auditWithin(client, actor, userId, { status: 204 });
      return true;
    });
  }

  async setOwnPassword(actor: Actor, passwordHash: string): Promise<void> {
    const { id } = actor.principal;
    await transaction(this.#systemPool, async (client) => {
      await client.query("update tda.users set password_hash = $2, password_changed_at = now() where id = $1", [
        id,
        passwordHash,
      ]);
      await endSessionsOf(client, id, "password");
      await auditWithin(client, actor, id, { status: 204 });
    });
  }
}

async function findIn(client: pg.ClientBase, projectId: string, userId: string): Promise<User | null> {
  const { rows } = await client.query<UserRow>(`${selectText} and m.user_id = $2`, [projectId, userId]);
  return rows[0] === undefined ? null : present(rows[0]);
}

async function insertMembership(client: pg.ClientBase, projectId: string, userId: string, role: Role): Promise<void> {
  const { rows } = await client.query<{ members: number }>(
    "select count(*)::int as members from tda.memberships where project_id = $1",
    [projectId],
  );
  if ((rows[0]?.members ?? 0) >= MAX_MEMBERS_PER_PROJECT) {
    throw new ProblemError("count_limit_exceeded", `A project has at most ${MAX_MEMBERS_PER_PROJECT} members.`);
  }
  await client.query("insert into tda.memberships (project_id, user_id, role) values ($1, $2, $3)", [
    projectId,
    userId,
    role,
  ]);
}

/** @throws ProblemError where the account is another project's to change. */
async function updateAccount(client: pg.ClientBase, user: User, change: AccountChange): Promise<void> {
  const { displayName, passwordHash, isDisabled } = change;
  if (displayName === undefined && passwordHash === undefined && isDisabled === undefined) return;
  if (!user.is_local) {
    throw new ProblemError("permission_denied", "The account was made in another project, which alone may change it.");
  }
  await client.query(
    `update tda.users set
       display_name = case when $2::boolean then $3 else display_name end,
       password_hash = coalesce($4, password_hash),
       password_changed_at = case when $4 is null then password_changed_at else now() end,
       disabled_at = case when $5::boolean is null then disabled_at when $5 then coalesce(disabled_at, now()) end
     where id = $1`,
    [user.id, displayName !== undefined, displayName ?? null, passwordHash ?? null, isDisabled ?? null],
  );
}

async function taken<T>(detail: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== uniqueViolation) throw error;
    throw new ProblemError("name_taken", detail, { cause: error });
  }
}

function present({ created_at, ...row }: UserRow): User {
  return { ...row, created_at: created_at.toISOString() };
}
