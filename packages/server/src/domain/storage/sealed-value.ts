import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { ALGORITHM, DataCorrupt, type Keyring, NONCE_BYTES, TAG_BYTES, WRAPPED_KEY_BYTES } from "./keyring.ts";

/** First byte of a sealed value. */
const VERSION = 1;

interface Parts {
  readonly masterKeyId: string;
  readonly wrapped: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
  readonly tag: Uint8Array;
}

/**
 * Encrypts a small value, such as a result kept in PostgreSQL or Redis, under a data key of its own:
 * version, length of the master key's id, id, wrapped data key, nonce, ciphertext, tag. The context (what the value is:
 * project, table, key) is authenticated with it, so that a value can't be put in another's place. About 10 µs.
 */
export function sealValue(keyring: Keyring, context: string, value: Uint8Array): Buffer {
  const { dataKey, wrapped } = keyring.newDataKey(purposeOf(context));
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(context));
  const sealed = cipher.update(value);
  cipher.final();
  return Buffer.concat([head(wrapped.masterKeyId), wrapped.bytes, nonce, sealed, cipher.getAuthTag()]);
}

/** @throws DataCorrupt when it was changed or is of another context; MasterKeyMissing. */
export function openValue(keyring: Keyring, context: string, bytes: Uint8Array): Buffer {
  const { masterKeyId, wrapped, nonce, sealed, tag } = partsOf(bytes);
  const dataKey: KeyObject = keyring.unwrap({ masterKeyId, bytes: wrapped }, purposeOf(context));
  const decipher = createDecipheriv(ALGORITHM, dataKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(context));
  decipher.setAuthTag(tag);
  const value = decipher.update(sealed);
  try {
    decipher.final();
  } catch (error) {
    value.fill(0);
    throw new DataCorrupt("A sealed value was changed, or is another's.", { cause: error });
  }
  return value;
}

/** The same value with its data key under the current master key. @throws DataCorrupt, MasterKeyMissing */
export function rewrapValue(keyring: Keyring, context: string, bytes: Uint8Array): Uint8Array {
  const { masterKeyId, wrapped, nonce, sealed, tag } = partsOf(bytes);
  if (masterKeyId === keyring.currentId) return bytes;
  const renewed = keyring.rewrap({ masterKeyId, bytes: wrapped }, purposeOf(context));
  return Buffer.concat([head(renewed.masterKeyId), renewed.bytes, nonce, sealed, tag]);
}

function head(masterKeyId: string): Buffer {
  const id = Buffer.from(masterKeyId, "latin1");
  return Buffer.concat([Buffer.of(VERSION, id.length), id]);
}

function partsOf(bytes: Uint8Array): Parts {
  const idEnd = 2 + (bytes[1] ?? 0);
  const keyEnd = idEnd + WRAPPED_KEY_BYTES;
  const nonceEnd = keyEnd + NONCE_BYTES;
  if (bytes[0] !== VERSION || bytes.length < nonceEnd + TAG_BYTES) throw new DataCorrupt("This is no sealed value.");
  return {
    masterKeyId: Buffer.from(bytes.subarray(2, idEnd)).toString("latin1"),
    wrapped: bytes.subarray(idEnd, keyEnd),
    nonce: bytes.subarray(keyEnd, nonceEnd),
    sealed: bytes.subarray(nonceEnd, -TAG_BYTES),
    tag: bytes.subarray(-TAG_BYTES),
  };
}

function purposeOf(context: string): string {
  return `value\n${context}`;
}

function associatedData(context: string): Buffer {
  return Buffer.from(`tda-value/1\n${context}`);
}
