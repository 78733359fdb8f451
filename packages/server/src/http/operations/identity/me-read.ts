import type { Me } from "@tda-platform/contract/identity-schemas";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `me.read` */
export function readMe({ identity }: OperationContext) {
  return async (request: FastifyRequest): Promise<Me> => {
    requireNoQuery(request);
    const { kind, id, projectId, role, permissions } = callerOf(request);
    const [projects, account] = await Promise.all([
      identity.projects.list({ projectId }, { limit: 1, before: null }),
      kind === "user" ? identity.accounts.findById(id) : null,
    ]);
    return {
      kind,
      id,
      username: account?.username ?? null,
      project_id: projectId,
      project_name: projects[0]?.name ?? "",
      role,
      permissions: [...permissions],
    };
  };
}
