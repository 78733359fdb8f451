import type { ValueSealer } from "../ports.ts";
import type { Keyring } from "./keyring.ts";
import { openValue, sealValue } from "./sealed-value.ts";

/** Seals under the master keys of the platform: an instance with other ones reads nothing of what was sealed. */
export class KeyringSealer implements ValueSealer {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  seal(projectId: string, context: string, value: Uint8Array): Uint8Array {
    return sealValue(this.#keyring, contextOf(projectId, context), value);
  }

  /** @throws DataCorrupt, MasterKeyMissing */
  open(projectId: string, context: string, sealed: Uint8Array): Uint8Array {
    return openValue(this.#keyring, contextOf(projectId, context), sealed);
  }
}

function contextOf(projectId: string, context: string): string {
  return `cache\n${projectId}\n${context}`;
}
