/** What a role may do. Roles are ordered: each has everything that the one before it has. */
export const ROLES = ["viewer", "analyst", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = {
  "service.read": "viewer",
  "compute.run": "analyst",
  "metrics.read": "viewer",
} as const satisfies Record<string, Role>;
export type Permission = keyof typeof PERMISSIONS;

/** Whether a role has a permission. */
export function isAllowed(role: Role, permission: Permission): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(PERMISSIONS[permission]);
}
