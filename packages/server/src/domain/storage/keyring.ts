import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/** A key that wraps data keys. */
export interface MasterKey {
  /** Named in everything that it wraps: 1 to 32 of `A-Z a-z 0-9 . _ -`. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** A data key under a master key. */
export interface WrappedKey {
  readonly masterKeyId: string;
  /** Nonce, ciphertext and tag: `WRAPPED_KEY_BYTES`. */
  readonly bytes: Uint8Array;
}

/** What is at rest cannot be read: it was changed, or it is not what it is taken for. */
export class DataCorrupt extends Error {
  override readonly name = "DataCorrupt";
}

/** What is at rest is under a master key that this server was not given. */
export class MasterKeyMissing extends Error {
  override readonly name = "MasterKeyMissing";
}

export const ALGORITHM = "aes-256-gcm";
export const KEY_BYTES = 32;
/** NIST SP 800-38D: random nonces of 96 bits, at most 2^32 a key. A data key seals one object, or one value. */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
export const WRAPPED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

export const MASTER_KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;

/**
 * The master keys: the first wraps what is new, the others are there to read what is older. Wrapping is AES-256-GCM with
 * the purpose as associated data, so that a wrapped key can't be moved to another object.
 */
export class Keyring {
  readonly currentId: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /** @throws RangeError for no key, a key of another length, or two of one id. */
  constructor(keys: readonly MasterKey[]) {
    const [current] = keys;
    if (current === undefined) throw new RangeError("a keyring has at least one key");
    for (const { id, secret } of keys) {
      if (!MASTER_KEY_ID.test(id) || secret.length !== KEY_BYTES)
        throw new RangeError(`the key ${id} has a wrong form`);
    }
    this.currentId = current.id;
    this.#keys = new Map(keys.map(({ id, secret }) => [id, createSecretKey(secret)]));
    if (this.#keys.size !== keys.length) throw new RangeError("two keys have one id");
  }

  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** A new data key, and the same wrapped by the current master key. The purpose says what the key is for. */
  newDataKey(purpose: string): { readonly dataKey: KeyObject; readonly wrapped: WrappedKey } {
    const secret = randomBytes(KEY_BYTES);
    const wrapped = this.#wrap(secret, purpose);
    const dataKey = createSecretKey(secret);
    secret.fill(0);
    return { dataKey, wrapped };
  }

  /** @throws MasterKeyMissing, DataCorrupt */
  unwrap(wrapped: WrappedKey, purpose: string): KeyObject {
    const secret = this.#secretOf(wrapped, purpose);
    const dataKey = createSecretKey(secret);
    secret.fill(0);
    return dataKey;
  }

  /** The same data key under the current master key; the data it seals stays as it is. @throws MasterKeyMissing, DataCorrupt */
  rewrap(wrapped: WrappedKey, purpose: string): WrappedKey {
    if (wrapped.masterKeyId === this.currentId) return wrapped;
    const secret = this.#secretOf(wrapped, purpose);
    const renewed = this.#wrap(secret, purpose);
    secret.fill(0);
    return renewed;
  }

  #wrap(secret: Uint8Array, purpose: string): WrappedKey {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#keys.get(this.currentId)!, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(wrappingData(this.currentId, purpose));
    const sealed = cipher.update(secret);
    cipher.final();
    return { masterKeyId: this.currentId, bytes: Buffer.concat([nonce, sealed, cipher.getAuthTag()]) };
  }

  #secretOf({ masterKeyId, bytes }: WrappedKey, purpose: string): Buffer {
    const key = this.#keys.get(masterKeyId);
    if (key === undefined) throw new MasterKeyMissing(`There is no master key ${JSON.stringify(masterKeyId)}.`);
    if (bytes.length !== WRAPPED_KEY_BYTES) throw new DataCorrupt("A wrapped key has a wrong length.");
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(wrappingData(masterKeyId, purpose));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const secret = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      decipher.final();
    } catch (error) {
      secret.fill(0);
      throw new DataCorrupt("A wrapped key was changed, or is not of this object.", { cause: error });
    }
    return secret;
  }
}

function wrappingData(masterKeyId: string, purpose: string): Buffer {
  return Buffer.from(`tda-data-key/1\n${masterKeyId}\n${purpose}`);
}
