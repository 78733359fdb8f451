import { v7 } from "uuid";

/** What an identifier names: computation, API key, project, request. */
export type IdPrefix = "cmp" | "key" | "prj" | "req";

/** A new identifier: prefix and UUIDv7, so that identifiers sort by the time they were made. */
export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  return `${prefix}_${v7()}`;
}
