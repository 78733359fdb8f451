import type { Project } from "@tda-platform/contract/access-schemas";
import { PAGE_QUERY } from "@tda-platform/contract/operations/access";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** `project.list` */
export function listProjects({ identity, defaultProjectId }: OperationContext) {
  const readQuery = queryReader<PageQuery>(PAGE_QUERY);
  return async (request: FastifyRequest): Promise<Page<Project>> => {
    const asked = pageRequest(readQuery(request));
    const { kind, id, projectId, role, permissions } = callerOf(request);
    const managesAll = projectId === defaultProjectId && permissions.has("projects.manage");
    const of = managesAll ? "all" : kind === "user" ? { userId: id } : { projectId };
    const found = await identity.projects.list(of, asked);
    // Callers that are no users have one project, and their role in it.
    const projects = found.map((project) =>
      kind !== "user" && project.id === projectId ? { ...project, role } : project,
    );
    return page(projects, asked, (project) => project.id);
  };
}
