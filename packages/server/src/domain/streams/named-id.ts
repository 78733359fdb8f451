import { createHash } from "node:crypto";
import type { IdPrefix } from "@tda-platform/contract/identifiers";

/** An identifier that follows from a name: a UUIDv7 (RFC 9562) of that time, whose random bits are the name's hash. */
export function namedId<P extends IdPrefix>(prefix: P, timeMs: number, name: string): `${P}_${string}` {
  const time = Math.max(0, timeMs).toString(16).padStart(12, "0").slice(-12);
  const hex = createHash("sha256").update(`${prefix}\n${name}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hex[3]!, 16) & 3];
  return `${prefix}_${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}
