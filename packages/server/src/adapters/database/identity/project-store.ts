import { randomBytes } from "node:crypto";
import type { Key, Project } from "@tda-platform/contract/access-schemas";
import { MAX_PROJECTS } from "@tda-platform/contract/limits";
import type pg from "pg";
import type { Actor, ProjectStore, Slice } from "../../../domain/identity/ports.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { newId } from "../../../internal/ids.ts";
import { asAvailable } from "../database-errors.ts";
import { transaction } from "../project-transaction.ts";
import { auditWithin } from "./audit-rows.ts";
import { insertKey } from "./key-store.ts";

interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
  readonly role: string | null;
  readonly created_at: Date;
}

/** Projects, across projects: on the system's connections. */
export class PostgresProjectStore implements ProjectStore {
  readonly #systemPool: pg.Pool;

  constructor(systemPool: pg.Pool) {
    this.#systemPool = systemPool;
  }

  async create(actor: Actor, name: string): Promise<{ project: Project; key: Key; secret: string }> {
    const id = newId("prj");
    const { principal } = actor;
    return await transaction(this.#systemPool, async (client) => {
      const { rows: counted } = await client.query<{ projects: number }>(
        "select count(*)::int as projects from tda.projects",
      );
      if ((counted[0]?.projects ?? 0) >= MAX_PROJECTS) {
        throw new ProblemError("count_limit_exceeded", `There are at most ${MAX_PROJECTS} projects.`);
      }
      const { rows } = await client.query<ProjectRow>(
        `insert into tda.projects (id, name, cache_key) values ($1, $2, $3)
         returning id, name, is_default, null as role, created_at`,
        [id, name, randomBytes(32)],
      );
      if (principal.kind === "user") {
        await client.query("insert into tda.memberships (project_id, user_id, role) values ($1, $2, 'admin')", [
          id,
          principal.id,
        ]);
      }
      const input = { name: "first administrator", role: "admin", scopes: null, expiresAt: null } as const;
      const made = await insertKey(client, id, input, principal.id);
      await auditWithin(client, actor, id, { status: 201 });
      const project = { ...present(rows[0]!), role: principal.kind === "user" ? "admin" : null };
      return { project, ...made };
    });
  }

  async list(
    of: { userId: string } | { projectId: string } | "all",
    { limit, before }: Slice,
  ): Promise<readonly Project[]> {
    const userId = of !== "all" && "userId" in of ? of.userId : null;
    const projectId = of !== "all" && "projectId" in of ? of.projectId : null;
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<ProjectRow>(
        `select p.id, p.name, p.is_default, m.role, p.created_at
         from tda.projects p left join tda.memberships m on m.project_id = p.id and m.user_id = $1
         where ($1::text is null or m.user_id is not null) and ($2::text is null or p.id = $2)
           and ($3::text is null or p.id < $3) order by p.id desc limit $4`,
        [userId, projectId, before, limit + 1],
      ),
    );
    return rows.map(present);
  }
}

function present({ created_at, ...row }: ProjectRow): Project {
  return { ...row, created_at: created_at.toISOString() };
}
