import { type Permission, ROLE_PERMISSIONS, type Role, UNSCOPED_PERMISSION } from "@tda-platform/contract/permissions";
import type { Principal } from "../ports.ts";
import { ProblemError } from "../problem.ts";

/** What a role allows within scopes; null: all of it. */
export function granted(role: Role, scopes: readonly string[] | null): ReadonlySet<Permission> {
  const all = ROLE_PERMISSIONS[role];
  if (scopes === null) return all;
  return within(all, scopes);
}

/** The permissions that are also named. */
export function within(all: ReadonlySet<Permission>, scopes: readonly string[]): ReadonlySet<Permission> {
  const kept = new Set(scopes);
  return new Set([...all].filter((one) => one === UNSCOPED_PERMISSION || kept.has(one)));
}

/** @throws ProblemError when a role and scopes would allow what the caller may not: nobody gives more than they have. */
export function refuseEscalation(caller: Principal, role: Role, scopes: readonly string[] | null = null): void {
  const missing = [...granted(role, scopes)].find((permission) => !caller.permissions.has(permission));
  if (missing === undefined) return;
  throw new ProblemError("permission_denied", `This would allow ${missing}, which the caller may not.`);
}
