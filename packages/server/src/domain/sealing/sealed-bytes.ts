import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const OVERHEAD_BYTES = 1 + SALT_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * Seals by AES-256-GCM under a key derived (HKDF-SHA-256, RFC 5869) from a secret that both sides know. Each value has a
 * key of its own, by a salt of 128 bits, so that random nonces never come near their bound; the context is authenticated
 * with it, so that a value can't be put in another's place. Layout: version, salt, nonce, ciphertext, tag. About 15 µs.
 */
export function sealBytes(secret: Uint8Array, context: string, value: Uint8Array): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret, salt), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const sealed = cipher.update(value);
  cipher.final();
  return Buffer.concat([Buffer.of(VERSION), salt, nonce, sealed, cipher.getAuthTag()]);
}

/** @throws when it was changed, is of another context, or sealed under another secret. */
export function openBytes(secret: Uint8Array, context: string, bytes: Uint8Array): Buffer {
  if (bytes[0] !== VERSION || bytes.length < OVERHEAD_BYTES) throw new RangeError("This is no sealed value.");
  const nonceAt = 1 + SALT_BYTES;
  const sealedAt = nonceAt + NONCE_BYTES;
  const key = keyOf(secret, bytes.subarray(1, nonceAt));
  const nonce = bytes.subarray(nonceAt, sealedAt);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const value = decipher.update(bytes.subarray(sealedAt, -TAG_BYTES));
  // Throws when a bit is not what was sealed; nothing of it has left this function by then.
  decipher.final();
  return value;
}

function keyOf(secret: Uint8Array, salt: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", secret, salt, "tda-seal/1", KEY_BYTES)));
}
