import type { IdPrefix } from "@tda-platform/contract/identifiers";
import { v7 } from "uuid";

/** A new identifier: prefix and UUIDv7, so that identifiers sort by the time they were made. */
export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  return `${prefix}_${v7()}`;
}
