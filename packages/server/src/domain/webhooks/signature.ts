import { createHmac, randomBytes } from "node:crypto";

/** What is signed with, in the form that receivers configure: `whsec_` and base64. */
export type SecretText = string;

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A new secret of 256 random bits. */
export function newWebhookSecret(): SecretText {
  return PREFIX + randomBytes(SECRET_BYTES).toString("base64");
}

export interface SignedMessage {
  /** `webhook-id`: the same for every attempt, by which receivers know what they have already. */
  readonly id: string;
  readonly timestampSeconds: number;
  /** The body, byte for byte as it is sent. */
  readonly body: string;
}

/**
 * Headers of a message by the Standard Webhooks scheme: HMAC-SHA256 over id, timestamp and body, one signature for each secret
 * that is valid now, so that a receiver that knows any of them can verify.
 */
export function signatureHeaders(message: SignedMessage, secrets: readonly SecretText[]): Record<string, string> {
  const { id, timestampSeconds, body } = message;
  const signed = `${id}.${timestampSeconds}.${body}`;
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": secrets.map((secret) => `v1,${hmac(secret, signed)}`).join(" "),
  };
}

function hmac(secret: SecretText, text: string): string {
  return createHmac("sha256", Buffer.from(secret.slice(PREFIX.length), "base64"))
    .update(text)
    .digest("base64");
}
