import type { FastifyInstance } from "fastify";
import { DOCS_SCRIPT_PATH, type DocsPage, loadDocsPage } from "./docs-page.ts";

export const DOCS_PATHS = ["/docs", "/docs/", DOCS_SCRIPT_PATH] as const;

/** Serves the readable reference of the API. */
export function registerDocs(server: FastifyInstance): void {
  let page: Promise<DocsPage> | undefined;
  const load = () => {
    page ??= loadDocsPage();
    return page;
  };
  for (const url of ["/docs", "/docs/"]) {
    server.get(url, async (_request, reply) => {
      const { html, contentSecurityPolicy } = await load();
      reply.header("content-security-policy", contentSecurityPolicy);
      return reply.header("content-type", "text/html; charset=utf-8").send(html);
    });
  }
  server.get(DOCS_SCRIPT_PATH, async (_request, reply) => {
    const { script } = await load();
    reply.header("cache-control", "private, max-age=3600");
    return reply.header("content-type", "text/javascript; charset=utf-8").send(script);
  });
}
