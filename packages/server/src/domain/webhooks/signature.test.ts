import { expect, test } from "vitest";
import { newWebhookSecret, signatureHeaders } from "./signature.ts";

/** The example that the Standard Webhooks libraries test themselves with. */
const KNOWN = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  message: { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampSeconds: 1_614_265_330, body: '{"test": 2432232314}' },
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
} as const;

test("the signature is that of the scheme's own example", () => {
  expect(signatureHeaders(KNOWN.message, [KNOWN.secret])).toEqual({
    "webhook-id": KNOWN.message.id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": KNOWN.signature,
  });
});

test("with two secrets there are two signatures, each that of its secret alone", () => {
  const other = newWebhookSecret();
  const [first, second] = signatureHeaders(KNOWN.message, [other, KNOWN.secret])["webhook-signature"]!.split(" ");
  expect(second).toBe(KNOWN.signature);
  expect(first).toBe(signatureHeaders(KNOWN.message, [other])["webhook-signature"]);
  expect(first).not.toBe(second);
});

test.each(["id", "timestampSeconds", "body"] as const)("another %s has another signature", (field) => {
  const changed = { ...KNOWN.message, [field]: field === "timestampSeconds" ? 1_614_265_331 : "other" };
  expect(signatureHeaders(changed, [KNOWN.secret])["webhook-signature"]).not.toBe(KNOWN.signature);
});

test("secrets have 256 bits, and are all different", () => {
  const secrets = Array.from({ length: 100 }, newWebhookSecret);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_/);
    expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
  }
  expect(new Set(secrets).size).toBe(100);
});
