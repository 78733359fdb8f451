import type { FastifyReply, FastifyRequest } from "fastify";
import { problemsPage } from "../../problems-page.ts";

/** `problems.read` */
export function readProblems() {
  const page = problemsPage();
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    reply.header("content-type", "text/html; charset=utf-8").send(page);
}
