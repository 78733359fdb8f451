import type {
  CreatedKey,
  CreatedProject,
  Key,
  NewKey,
  NewUser,
  Project,
  User,
  UserChange,
} from "@tda-platform/contract/access-schemas";
import type { AuditEntry, AuditExportQuery, AuditQuery } from "@tda-platform/contract/audit-schemas";
import type { Me, Ticket, Token } from "@tda-platform/contract/identity-schemas";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import type { CallOptions, Request } from "./http.ts";

export interface LoginRequest {
  readonly username: string;
  readonly password: string;
  /** Of those that the user is a member of; the user's first unless told. */
  readonly projectId?: string;
}

/** Tokens, keys, users, projects and the audit log. */
export interface IdentityClient {
  /** Tokens for a name and password. */
  logIn(login: LoginRequest, call?: CallOptions): Promise<Token>;
  /** New tokens for a refresh token, which is used up. */
  refreshTokens(refreshToken: string, call?: CallOptions): Promise<Token>;
  /** Ends the session of a refresh or access token. */
  logOut(token: string, call?: CallOptions): Promise<void>;
  me(call?: CallOptions): Promise<Me>;
  /** A one-use ticket for a path, for what can send no headers. */
  createTicket(path: string, call?: CallOptions): Promise<Ticket>;
  createKey(key: NewKey, call?: CallOptions): Promise<CreatedKey>;
  listKeys(page?: PageQuery, call?: CallOptions): Promise<Page<Key>>;
  revokeKey(keyId: string, call?: CallOptions): Promise<void>;
  rotateKey(keyId: string, overlapSeconds: number, call?: CallOptions): Promise<CreatedKey>;
  createUser(user: NewUser, call?: CallOptions): Promise<User>;
  listUsers(page?: PageQuery, call?: CallOptions): Promise<Page<User>>;
  updateUser(userId: string, change: UserChange, call?: CallOptions): Promise<User>;
  removeUser(userId: string, call?: CallOptions): Promise<void>;
  createProject(name: string, call?: CallOptions): Promise<CreatedProject>;
  listProjects(page?: PageQuery, call?: CallOptions): Promise<Page<Project>>;
  listAudit(query?: AuditQuery, call?: CallOptions): Promise<Page<AuditEntry>>;
  /** The log's rows from the newest on, page by page as they are asked for. */
  auditEntries(filter?: AuditExportQuery, call?: CallOptions): AsyncIterable<AuditEntry>;
}

type Call = <Body>(request: Request, options?: CallOptions) => Promise<Body>;
type Query = Readonly<Record<string, string | number | undefined>>;

const PAGE_ITEMS = 200;

export function identityClient(call: Call): IdentityClient {
  const send = <Body>(method: "POST" | "PATCH", path: string, body: unknown, options?: CallOptions) =>
    // A second try could make a second thing.
    call<Body>(
      { method, path, body: { type: "application/json", content: JSON.stringify(body) }, idempotent: false },
      options,
    );
  const get = <Body>(path: string, query: Query = {}, options?: CallOptions) =>
    call<Body>({ method: "GET", path, query: texts(query), idempotent: true }, options);
  const remove = (path: string, options?: CallOptions) =>
    call<void>({ method: "DELETE", path, idempotent: true }, options);
  const token = (body: object, options?: CallOptions) => send<Token>("POST", "/v1/auth/token", body, options);
  const listAudit = (query?: AuditQuery, options?: CallOptions) => get<Page<AuditEntry>>("/v1/audit", query, options);

  return {
    logIn: ({ username, password, projectId: project_id }, options) =>
      token({ grant_type: "password", username, password, project_id }, options),
    refreshTokens: (refresh_token, options) => token({ grant_type: "refresh_token", refresh_token }, options),
    logOut: (text, options) => send("POST", "/v1/auth/revoke", { token: text }, options),
    me: (options) => get("/v1/me", {}, options),
    createTicket: (path, options) => send("POST", "/v1/tickets", { path }, options),
    createKey: (key, options) => send("POST", "/v1/keys", key, options),
    listKeys: (page, options) => get("/v1/keys", page, options),
    revokeKey: (keyId, options) => remove(`/v1/keys/${encodeURIComponent(keyId)}`, options),
    rotateKey: (keyId, overlapSeconds, options) => {
      const query = { overlap_seconds: String(overlapSeconds) };
      return call(
        { method: "POST", path: `/v1/keys/${encodeURIComponent(keyId)}/rotate`, query, idempotent: false },
        options,
      );
    },
    createUser: (user, options) => send("POST", "/v1/users", user, options),
    listUsers: (page, options) => get("/v1/users", page, options),
    updateUser: (userId, change, options) => send("PATCH", `/v1/users/${encodeURIComponent(userId)}`, change, options),
    removeUser: (userId, options) => remove(`/v1/users/${encodeURIComponent(userId)}`, options),
    createProject: (name, options) => send("POST", "/v1/projects", { name }, options),
    listProjects: (page, options) => get("/v1/projects", page, options),
    listAudit,
    async *auditEntries(filter, options) {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: Page<AuditEntry> = await listAudit(
          { ...filter, limit: PAGE_ITEMS, ...(cursor && { cursor }) },
          options,
        );
        yield* page.items;
        cursor = page.next_cursor;
      }
    },
  };
}

function texts(query: Query): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
