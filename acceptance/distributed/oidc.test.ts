import { OidcIssuer } from "@tda-platform/services";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unitSquare } from "../support/inputs.ts";
import { Product } from "../support/product.ts";
import { computed, refused } from "../support/shapes.ts";

let issuer: OidcIssuer;
let product: Product;

beforeAll(async () => {
  issuer = await OidcIssuer.start();
  const env = {
    FEATURE_ENABLE_AUTHENTICATION: "true",
    TDA_OIDC_ISSUER: issuer.issuer,
    TDA_OIDC_AUDIENCE: issuer.audience,
    TDA_OIDC_ALLOW_PRIVATE_ADDRESSES: "true",
  };
  product = await (await Product.launch({ env })).settled();
});
afterAll(async () => {
  await product?.dispose();
  await issuer.stop();
});

const compute = (token: string) =>
  product.api.compute({ points: unitSquare }, { headers: { Authorization: `Bearer ${token}` } });

it("a client's token of the issuer is good, with the role that it names", async () => {
  const token = await issuer.token();
  computed(await compute(token));
  const me = await product.api.get("/v1/me", { Authorization: `Bearer ${token}` });
  expect(me.json()).toMatchObject({ kind: "client", role: "admin" });
});

it("a client without a role may do nothing", async () => {
  const client = { clientId: "nobody", clientSecret: "their-secret" };
  issuer.addClient(client);
  refused(await compute(await issuer.token({ client })), 403, "permission_denied");
});

it.each([
  ["for somebody else", () => issuer.token({ audience: "urn:other" })],
  ["expired", () => issuer.sign({ ...issuer.claims(), exp: 1_000_000_000 })],
  ["of another issuer", () => issuer.sign({ ...issuer.claims(), iss: "http://127.0.0.1:1" })],
  ["of another kind", () => issuer.sign(issuer.claims(), { typ: "JWT" })],
  ["by a key that nobody knows", () => issuer.sign(issuer.claims(), { kid: "stranger" })],
  ["cut short", async () => (await issuer.token()).slice(0, -10)],
])("a token %s is refused", async (_name, token) => {
  refused(await compute(await token()), 401, /^(invalid_token|token_expired)$/);
});
