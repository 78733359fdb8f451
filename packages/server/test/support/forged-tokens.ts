import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";

type Json = Readonly<Record<string, unknown>>;

/** A token that is accepted, to be spoilt. */
export interface GoodToken {
  readonly header: Json;
  readonly claims: Json;
}

export function decode(token: string): GoodToken {
  const [header = "", claims = ""] = token.split(".");
  const parse = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Json;
  return { header: parse(header), claims: parse(claims) };
}

/** Signs anything by RS256. */
export function signed(header: Json, claims: Json, key: KeyObject): string {
  const text = unsigned(header, claims);
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

function unsigned(header: Json, claims: Json): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}

/** Tokens that must be refused, by what is wrong with them. The key is the issuer's own: only the named thing is wrong. */
export function forgedTokens({ header, claims }: GoodToken, key: KeyObject): ReadonlyMap<string, string> {
  const now = Math.floor(Date.now() / 1000);
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const strangersJwk = stranger.publicKey.export({ format: "jwk" });
  const publicPem = createPublicKey(key).export({ type: "spki", format: "pem" });
  const with_ = (more: Json, moreHeader: Json = {}) =>
    signed({ ...header, ...moreHeader }, { ...claims, ...more }, key);
  const without = (name: string) =>
    signed(header, Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name)), key);
  const hmac = (secret: string | Buffer) => {
    const text = unsigned({ ...header, alg: "HS256" }, claims);
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const good = signed(header, claims, key);
  return new Map([
    ["expired", with_({ exp: now - 60 })],
    ["not valid yet", with_({ nbf: now + 600 })],
    ["from the future", with_({ iat: now + 600, exp: now + 1200 })],
    ["without exp", without("exp")],
    ["without iat", without("iat")],
    ["without sub", without("sub")],
    ["without iss", without("iss")],
    ["without aud", without("aud")],
    ["exp no number", with_({ exp: "tomorrow" })],
    ["exp null", with_({ exp: null })],
    ["iss no text", with_({ iss: 7 })],
    ["sub no text", with_({ sub: { a: 1 } })],
    ["another audience", with_({ aud: "someone-else" })],
    ["another issuer", with_({ iss: "https://issuer.example.org" })],
    ["an ID token", with_({}, { typ: "JWT" })],
    ["a refresh token by type", with_({}, { typ: "rt+jwt" })],
    ["without a type", signed({ alg: "RS256", kid: header.kid }, claims, key)],
    ["HS256 with the public key", hmac(publicPem)],
    ["HS256 with the public key's bytes", hmac(createPublicKey(key).export({ type: "spki", format: "der" }))],
    ["alg none", `${unsigned({ ...header, alg: "none" }, claims)}.`],
    ["alg none, signed", `${unsigned({ ...header, alg: "none" }, claims)}.AAAA`],
    ["PS256 named", with_({}, { alg: "PS256" })],
    ["RS512 named", with_({}, { alg: "RS512" })],
    ["alg no text", with_({}, { alg: ["RS256"] })],
    ["a stranger's key", signed(header, claims, stranger.privateKey)],
    ["a stranger's key in jwk", signed({ ...header, jwk: strangersJwk }, claims, stranger.privateKey)],
    ["a stranger's key by jku", signed({ ...header, jku: "http://127.0.0.1:1/jwks" }, claims, stranger.privateKey)],
    ["a stranger's key by x5u", signed({ ...header, x5u: "http://127.0.0.1:1/x5u" }, claims, stranger.privateKey)],
    ["a stranger's key in x5c", signed({ ...header, x5c: ["AAAA"] }, claims, stranger.privateKey)],
    ["an unknown kid", with_({}, { kid: randomUUID() })],
    ["a path as kid", with_({}, { kid: "../../dev/null" })],
    ["kid no text", with_({}, { kid: { a: 1 } })],
    ["an extension that must be understood", with_({}, { crit: ["exp"] })],
    ["an unknown extension that must be understood", with_({}, { crit: ["x"], x: 1 })],
    ["a payload that is not encoded", with_({}, { crit: ["b64"], b64: false })],
    ["a session that never was", with_({ sid: "ses_x" })],
    ["another's session", with_({ sub: "usr_x" })],
    ["a project of nobody", with_({ prj: "prj_x" })],
    ["no project", without("prj")],
    [
      "a payload that is changed",
      [good.split(".")[0], unsigned({}, { ...claims, role: "admin" }).split(".")[1], good.split(".")[2]].join("."),
    ],
    ["a signature that is cut", good.slice(0, -10)],
    ["no signature", good.split(".").slice(0, 2).join(".")],
    ["a fourth part", `${good}.${good.split(".")[2]}`],
    ["JSON that is none", `e30.${"A".repeat(40)}.AAAA`],
    ["an array as payload", signed(header, [] as never, key)],
    ["null as payload", signed(header, null as never, key)],
    ["encrypted", "a.b.c.d.e"],
    ["very long", `${good}${"A".repeat(9_000)}`],
  ]);
}
