import { ROLES, type Role } from "@tda-platform/contract/permissions";
import type pg from "pg";
import type { Account, AccountDirectory, Membership } from "../../../domain/identity/ports.ts";
import { asAvailable } from "../database-errors.ts";

interface AccountRow {
  readonly id: string;
  readonly username: string;
  readonly project_id: string;
  readonly password_hash: string | null;
  readonly is_disabled: boolean;
}

/** Whom a user's token stands for now. */
export interface Standing {
  readonly role: Role;
}

const columns = "id, username, project_id, password_hash, disabled_at is not null as is_disabled";

/** Accounts and what they may enter, across projects: on the system's connections. */
export class PostgresAccountDirectory implements AccountDirectory {
  readonly #systemPool: pg.Pool;

  constructor(systemPool: pg.Pool) {
    this.#systemPool = systemPool;
  }

  async findByName(username: string): Promise<Account | null> {
    return await this.#find("username", username);
  }

  async findById(userId: string): Promise<Account | null> {
    return await this.#find("id", userId);
  }

  async membership(
    { id, homeProjectId }: Pick<Account, "id" | "homeProjectId">,
    projectId: string | null,
  ): Promise<Membership | null> {
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<{ project_id: string; role: Role }>(
        `select project_id, role from tda.memberships where user_id = $1 and ($2::text is null or project_id = $2)
         order by project_id = $3 desc, project_id limit 1`,
        [id, projectId, homeProjectId],
      ),
    );
    const row = rows[0];
    return row === undefined ? null : { projectId: row.project_id, role: row.role };
  }

  /**
   * The role with which a user's token of this session enters the project now. `ended`: the session or the account is no
   * longer open. null: no member.
   */
  async standing(userId: string, sessionId: string, projectId: string): Promise<Standing | "ended" | null> {
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<{ role: string | null }>({
        name: "find-standing",
        text: `select m.role from tda.sessions s join tda.users u on u.id = s.user_id
           left join tda.memberships m on m.user_id = u.id and m.project_id = $3
         where s.id = $1 and s.user_id = $2 and s.ended_at is null and s.expires_at > now() and u.disabled_at is null`,
        values: [sessionId, userId, projectId],
      }),
    );
    const row = rows[0];
    if (row === undefined) return "ended";
    const role = ROLES.find((one) => one === row.role);
    return role === undefined ? null : { role };
  }

  /** Whether there is such a project. */
  async hasProject(projectId: string): Promise<boolean> {
    const { rowCount } = await asAvailable(() =>
      this.#systemPool.query({
        name: "has-project",
        text: "select from tda.projects p where id = $1 and not exists (select from tda.erasures where erased_project_id = p.id)",
        values: [projectId],
      }),
    );
    return rowCount === 1;
  }

  async #find(column: "username" | "id", value: string): Promise<Account | null> {
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<AccountRow>(`select ${columns} from tda.users where ${column} = $1`, [value]),
    );
    const row = rows[0];
    if (row === undefined) return null;
    const { id, username, project_id, password_hash, is_disabled } = row;
    return { id, username, homeProjectId: project_id, passwordHash: password_hash, isDisabled: is_disabled };
  }
}
