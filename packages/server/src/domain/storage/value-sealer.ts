import type { ValueSealer } from "../ports.ts";
import type { Keyring } from "./keyring.ts";
import { openValue, rewrapValue, sealValue } from "./sealed-value.ts";

/** Seals under the master keys of the platform: an instance with other ones reads nothing of what was sealed. */
export function valueSealer(keyring: Keyring): ValueSealer {
  return {
    masterKeyId: keyring.currentId,
    olderKeyIds: keyring.ids.filter((id) => id !== keyring.currentId),
    seal: (context, value) => sealValue(keyring, context, value),
    open: (context, sealed) => openValue(keyring, context, sealed),
    renew: (context, sealed) => rewrapValue(keyring, context, sealed),
  };
}
