import { createHash } from "node:crypto";
import { fastify } from "fastify";

/** The readable reference of the API: a page and its script, both from this server. */
export interface DocsPage {
  readonly html: string;
  readonly script: string;
  /** Allows this page's scripts and no others. */
  readonly contentSecurityPolicy: string;
}

export const DOCS_SCRIPT_PATH = "/docs/scalar.js";

/**
 * The page, made by Scalar's own plugin in an instance that listens nowhere. Its script is a text of five megabytes: it is
 * loaded when someone first asks for the page, not at every start.
 */
export async function loadDocsPage(): Promise<DocsPage> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const inner = fastify();
  await inner.register(scalar, {
    routePrefix: "/docs",
    configuration: {
      url: "/openapi.json",
      cdn: DOCS_SCRIPT_PATH,
      pageTitle: "TDA platform API",
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: "never",
      // It would ask a service outside.
      agent: { disabled: true },
    },
  });
  const page = await inner.inject({ url: "/docs/", headers: { host: "localhost" } });
  const script = await inner.inject({ url: "/docs/js/scalar.js", headers: { host: "localhost" } });
  await inner.close();
  if (page.statusCode !== 200 || script.statusCode !== 200) throw new Error("the API reference can't be made");
  return { html: page.body, script: script.body, contentSecurityPolicy: policyOf(page.body) };
}

function policyOf(html: string): string {
  const hashes = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, text]) => `'sha256-${createHash("sha256").update(text!).digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(" ")}`,
    // The script writes its styles into the page.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
