import type { SecretSealer } from "../domain/ports.ts";
import type { Keyring } from "../domain/storage/keyring.ts";
import { openValue, rewrapValue, sealValue } from "../domain/storage/sealed-value.ts";

/** Small secrets under the master keys. */
export function secretSealer(keyring: Keyring): SecretSealer {
  return {
    masterKeyId: keyring.currentId,
    seal: (context, value) => sealValue(keyring, context, value),
    open: (context, sealed) => openValue(keyring, context, sealed),
    renew: (context, sealed) => rewrapValue(keyring, context, sealed),
  };
}
