import type { CreatedProject } from "@tda-platform/contract/access-schemas";
import type { Me } from "@tda-platform/contract/identity-schemas";
import { OidcIssuer } from "@tda-platform/services";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestBed, type TestServer } from "../../../test/support/test-bed.ts";
import { oidcRoles } from "../../config/oidc-roles.ts";
import type { ProblemError } from "../../domain/problem.ts";
import { silent } from "../database/testing/records.ts";
import { oidcIssuer } from "./oidc-issuer.ts";
import { JwtVerifier } from "./token-verifier.ts";

let bed: TestBed;
let issuer: OidcIssuer;
let server: TestServer;
let other: CreatedProject;

const settings = () => ({
  FEATURE_ENABLE_AUTHENTICATION: "true",
  TDA_OIDC_ISSUER: issuer.issuer,
  TDA_OIDC_AUDIENCE: issuer.audience,
  TDA_OIDC_PROJECT_CLAIM: "tda.projects",
  TDA_OIDC_ROLES_CLAIM: "groups",
  TDA_OIDC_ROLE_MAPPING: "tda-admins=admin, researchers = analyst",
  TDA_OIDC_ALLOW_PRIVATE_ADDRESSES: "true",
});

beforeAll(async () => {
  bed = await TestBed.open();
});
beforeEach(async () => {
  issuer = await OidcIssuer.start();
  server = await bed.server({ env: settings() });
  other ??= (await (
    await server.post({ name: "other" }, { "x-api-key": server.apiKey }, "/v1/projects")
  ).json()) as CreatedProject;
});
afterEach(async () => {
  await bed.endServers();
  await issuer.stop();
});
afterAll(() => bed.end());

async function me(
  token: string,
  more: Record<string, string> = {},
): Promise<{ status: number; code?: string } & Partial<Me>> {
  const answer = await server.get("/v1/me", { authorization: `Bearer ${token}`, ...more });
  return { status: answer.status, ...((await answer.json()) as Partial<Me>), ...{} };
}
const claims = (more: object = {}) => ({
  ...issuer.claims(),
  groups: ["researchers"],
  tda: { projects: [bed.database.defaultProjectId, other.id] },
  ...more,
});
const code = async (token: string) => ((await me(token)) as { code?: string }).code;

describe("tokens of another issuer", () => {
  it("are accepted as their claims say: a client's, by client credentials", async () => {
    const client = {
      clientId: "lab",
      clientSecret: "a-secret-of-the-lab",
      claims: { groups: ["researchers", "unknown"], tda: { projects: other.id } },
    };
    issuer.addClient(client);
    const found = await me(await issuer.token({ client }));
    expect(found).toMatchObject({ status: 200, kind: "client", id: "oidc:lab", role: "analyst", project_id: other.id });
    expect(found.permissions).toContain("compute.run");
  });

  it("choose among the projects of their claim, and no other", async () => {
    const token = await issuer.sign(claims());
    expect(await me(token)).toMatchObject({ project_id: bed.database.defaultProjectId });
    expect(await me(token, { "x-project-id": other.id })).toMatchObject({ status: 200, project_id: other.id });
    const narrow = await issuer.sign(claims({ tda: { projects: [other.id] } }));
    expect((await me(narrow, { "x-project-id": bed.database.defaultProjectId })).status).toBe(404);
    expect((await me(await issuer.sign(claims({ tda: { projects: ["prj_x"] } })))).status).toBe(404);
    for (const tda of [undefined, {}, { projects: [] }, { projects: 7 }, "x"]) {
      expect(await code(await issuer.sign(claims({ tda })))).toBe("permission_denied");
    }
  });

  it("have the highest role of their groups; without one they may nothing", async () => {
    expect(await me(await issuer.sign(claims({ groups: ["researchers", "tda-admins"] })))).toMatchObject({
      role: "admin",
    });
    for (const groups of [undefined, [], ["admin"], { admin: true }, null]) {
      expect(await code(await issuer.sign(claims({ groups })))).toBe("permission_denied");
    }
  });

  it("are refused: wrong audience, type, time, key, or none of an access token", async () => {
    const now = Math.floor(Date.now() / 1000);
    const stranger = (await generateKeyPair("RS256")).privateKey;
    const refused: [string, string][] = [
      ["audience", await issuer.sign(claims({ aud: "another" }))],
      ["expired", await issuer.sign(claims({ exp: now - 60 }))],
      ["type", await issuer.sign(claims(), { typ: "JWT" })],
      ["ID token", await issuer.sign(claims({ nonce: "n" }))],
      ["ID token's hash", await issuer.sign(claims({ at_hash: "n" }))],
      ["subject", await issuer.sign(claims({ sub: "a\u0000b" }))],
      [
        "key",
        await new SignJWT(claims())
          .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: issuer.keyId })
          .sign(stranger),
      ],
      ["our issuer's name", await issuer.sign(claims({ iss: `urn:tda-platform:${bed.database.defaultProjectId}` }))],
    ];
    for (const [what, token] of refused)
      expect(await me(token), what).toMatchObject({ status: 401, code: "invalid_token" });
    expect((await me(await issuer.sign(claims(), { typ: "application/at+jwt" }))).status).toBe(200);
  });

  it("survive a rotation of keys: a new one is fetched, a withdrawn one leaves", async () => {
    const before = await issuer.sign(claims());
    expect((await me(before)).status).toBe(200);
    const asked = issuer.keyRequests;
    await issuer.rotateKeys();
    // Within the time between two fetches an unknown key is not looked for again.
    expect(await code(await issuer.sign(claims()))).toBe("invalid_token");
    expect(issuer.keyRequests).toBe(asked);
  });

  it("are 503 while the issuer's keys cannot be had, and its name alone costs it no more than one call", async () => {
    await issuer.kill();
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => issuer.sign(claims({ jti: `${i}` }))));
    for (const token of tokens) expect(await me(token)).toMatchObject({ status: 503, code: "issuer_unavailable" });
    expect((await server.get("/v1/me", { "x-api-key": server.apiKey })).status).toBe(200);
  });

  it("are not fetched from where the server must not call, unless it may", async () => {
    await bed.endServers();
    server = await bed.server({ env: { ...settings(), TDA_OIDC_ALLOW_PRIVATE_ADDRESSES: "false" } });
    const asked = issuer.keyRequests;
    expect(await code(await issuer.sign(claims()))).toBe("issuer_unavailable");
    expect(issuer.keyRequests).toBe(asked);
  });
});

describe("keys of an issuer", () => {
  const verifier = (now: { ms: number }) => {
    const real = Date.now;
    Date.now = () => real() + now.ms;
    const one = oidcIssuer({
      issuer: issuer.issuer,
      audience: issuer.audience,
      tokenType: "at+jwt",
      projectClaim: null,
      rolesClaim: "roles",
      roleMapping: oidcRoles(null),
      allowPrivateAddresses: true,
      defaultProjectId: "prj_default",
      hasProject: async () => true,
      logger: silent,
    });
    const tokens = new JwtVerifier([one], silent);
    return {
      codeOf: async (token: string) => {
        try {
          await tokens.authenticate(token, null);
          return null;
        } catch (error) {
          return (error as ProblemError).code;
        }
      },
      end: () => {
        Date.now = real;
      },
    };
  };

  it("are fetched again after half a minute, and a withdrawn one is no longer believed", async () => {
    const now = { ms: 0 };
    const { codeOf, end } = verifier(now);
    try {
      const sign = () =>
        issuer.sign({ ...claims(), exp: Math.floor(Date.now() / 1000) + 3_600, jti: crypto.randomUUID() });
      const old = issuer.keyId;
      expect(await codeOf(await sign())).toBeNull();
      await issuer.rotateKeys({ withdrawOld: true });
      expect(await codeOf(await sign())).toBe("invalid_token");
      now.ms = 31_000;
      expect(await codeOf(await sign())).toBeNull();
      const withdrawn = await issuer.sign(
        { ...claims(), iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 600 },
        { kid: old },
      );
      expect(await codeOf(withdrawn)).toBe("invalid_token");
      // Away for a while: what was fetched last holds.
      await issuer.kill();
      now.ms = 3_600_000;
      expect(
        await codeOf(
          await issuer.sign({
            ...claims(),
            iat: Math.floor(Date.now() / 1000),
            exp: Math.floor(Date.now() / 1000) + 600,
          }),
        ),
      ).toBeNull();
    } finally {
      end();
    }
  });
});
