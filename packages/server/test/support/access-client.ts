import type { CreatedProject, User } from "@tda-platform/contract/access-schemas";
import type { Token } from "@tda-platform/contract/identity-schemas";
import { expect } from "vitest";
import { TestBed, type TestServer } from "./test-bed.ts";

export const password = "correct horse battery staple";

export type Headers = Readonly<Record<string, string>>;
export const keyed = (apiKey: string): Headers => ({ "x-api-key": apiKey });
export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** A request of `compute.vietoris_rips` that whoever may compute gets an answer to. */
export const square = {
  points: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};

export interface Answer<Body> {
  readonly status: number;
  /** Of a problem. */
  readonly code: string | undefined;
  readonly headers: globalThis.Headers;
  readonly body: Body;
}

let names = 0;

/** Requests about access to a server, and what most tests need first. */
export class AccessClient {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  get admin(): Headers {
    return keyed(this.#server.apiKey);
  }

  async call<Body = unknown>(method: string, path: string, headers: Headers, body?: unknown): Promise<Answer<Body>> {
    const response = await fetch(this.#server.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = /json$/.test(response.headers.get("content-type")?.split(";")[0] ?? "");
    const parsed = text === "" || !isJson ? text : JSON.parse(text);
    return { status: response.status, code: parsed.code, headers: response.headers, body: parsed as Body };
  }

  /** The body of an answer that must be of this status. */
  async made<Body>(path: string, headers: Headers, body: unknown, status = 201): Promise<Body> {
    const answer = await this.call<Body>("POST", path, headers, body);
    expect([answer.status, answer.code]).toEqual([status, undefined]);
    return answer.body;
  }

  newUser(role = "analyst", headers = this.admin): Promise<User> {
    return this.made("/v1/users", headers, { username: `user.${++names}`, password, role });
  }

  logIn({ username }: User, more: object = {}): Promise<Token> {
    return this.made("/v1/auth/token", {}, { grant_type: "password", username, password, ...more }, 200);
  }

  newProject(name = "other"): Promise<CreatedProject> {
    return this.made("/v1/projects", this.admin, { name });
  }
}

/** A server that asks for credentials, on a database of its own. */
export async function openAccess(): Promise<{ bed: TestBed; server: TestServer; client: AccessClient }> {
  const bed = await TestBed.open();
  const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
  return { bed, server, client: new AccessClient(server) };
}
