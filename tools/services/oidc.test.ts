import {
  createRemoteJWKSet,
  customFetch,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OidcIssuer } from "./services.ts";

let issuer: OidcIssuer;
beforeEach(async () => {
  issuer = await OidcIssuer.start();
});
afterEach(() => issuer.stop());

/** As a server checks a token: keys from the issuer, asked for anew. */
async function claimsOf(token: string, audience = issuer.audience): Promise<Record<string, unknown>> {
  const keys = createRemoteJWKSet(new URL(issuer.jwksUrl), { [customFetch]: fetch });
  const { payload } = await jwtVerify(token, keys, { issuer: issuer.issuer, audience, algorithms: ["RS256"] });
  return payload;
}

it("describes itself", async () => {
  const answer = await fetch(`${issuer.issuer}/.well-known/openid-configuration`);
  expect(await answer.json()).toMatchObject({
    issuer: issuer.issuer,
    jwks_uri: issuer.jwksUrl,
    token_endpoint: issuer.tokenUrl,
  });
});

it("gives tokens by client credentials, for its audience or another", async () => {
  const token = await issuer.token();
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: "RS256", typ: "at+jwt", kid: issuer.keyId });
  expect(await claimsOf(token)).toMatchObject({ sub: issuer.client.clientId, aud: issuer.audience });
  const other = await issuer.token({ audience: "urn:other" });
  await expect(claimsOf(other)).rejects.toMatchObject({ claim: "aud" });
  expect(await claimsOf(other, "urn:other")).toMatchObject({ aud: "urn:other" });
});

it("knows its clients, puts their claims into their tokens, and refuses others", async () => {
  const client = { clientId: "analyst", clientSecret: "their-secret", claims: { roles: ["analyst"], project: "p1" } };
  await expect(issuer.token({ client })).rejects.toThrow(/invalid_client/);
  issuer.addClient(client);
  expect(await claimsOf(await issuer.token({ client }))).toMatchObject({
    sub: "analyst",
    roles: ["analyst"],
    project: "p1",
  });
  await expect(issuer.token({ client: { ...client, clientSecret: "guess" } })).rejects.toThrow(/invalid_client/);
});

it("rotates its keys: the old ones stay good until they are withdrawn", async () => {
  const old = await issuer.token();
  await issuer.rotateKeys();
  const fresh = await issuer.token();
  expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
  await claimsOf(old);
  await claimsOf(fresh);
  await issuer.rotateKeys({ withdrawOld: true });
  await expect(claimsOf(old)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  await expect(claimsOf(fresh)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  await claimsOf(await issuer.token());
});

it("publishes no private key, and counts who asks for keys", async () => {
  expect(issuer.keyRequests).toBe(0);
  const { keys } = (await (await fetch(issuer.jwksUrl)).json()) as { keys: Record<string, unknown>[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).not.toHaveProperty("d");
  expect(issuer.keyRequests).toBe(1);
});

it("signs what a test asks for", async () => {
  const claims = issuer.claims();
  expect(await claimsOf(await issuer.sign(claims))).toEqual(claims);
  await expect(claimsOf(await issuer.sign({ ...claims, exp: 1 }))).rejects.toMatchObject({ code: "ERR_JWT_EXPIRED" });
  await expect(claimsOf(await issuer.sign({ ...claims, iss: "https://elsewhere" }))).rejects.toMatchObject({
    claim: "iss",
  });
  const odd = await issuer.sign(claims, { kid: "../../etc/passwd", jku: "http://127.0.0.1:1/", typ: "JWT" });
  expect(decodeProtectedHeader(odd)).toMatchObject({ kid: "../../etc/passwd", jku: "http://127.0.0.1:1/", typ: "JWT" });
});

it("signs with a withdrawn key by its name, and never verifies a stranger's", async () => {
  const old = issuer.keyId;
  await issuer.rotateKeys({ withdrawOld: true });
  await expect(claimsOf(await issuer.sign(issuer.claims(), { kid: old }))).rejects.toMatchObject({
    code: "ERR_JWKS_NO_MATCHING_KEY",
  });
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const header = { alg: "RS256", kid: issuer.keyId, jwk: await exportJWK(publicKey) };
  const forged = await new SignJWT(issuer.claims()).setProtectedHeader(header).sign(privateKey);
  await expect(claimsOf(forged)).rejects.toMatchObject({ code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
});

it("has its keys after kill and restart, on the same port", async () => {
  const token = await issuer.token();
  await issuer.kill();
  await expect(fetch(issuer.jwksUrl)).rejects.toThrow();
  await issuer.restart();
  await claimsOf(token);
  await claimsOf(await issuer.token());
});

it("answers nobody while it is frozen, and goes on after", async () => {
  await issuer.freeze();
  await expect(fetch(issuer.jwksUrl, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/);
  const late = fetch(issuer.jwksUrl);
  await issuer.resume();
  expect((await late).status).toBe(200);
});
