import type { SecretSealer } from "../ports.ts";
import type { Keyring } from "./keyring.ts";
import { openValue, rewrapValue, sealValue } from "./sealed-value.ts";

/** Small secrets under the master keys. */
export function secretSealer(keyring: Keyring): SecretSealer {
  return {
    masterKeyId: keyring.currentId,
    olderKeyIds: keyring.ids.filter((id) => id !== keyring.currentId),
    seal: (context, value) => sealValue(keyring, context, value),
    open: (context, sealed) => openValue(keyring, context, sealed),
    renew: (context, sealed) => rewrapValue(keyring, context, sealed),
  };
}
