/** Roles of a project's members and keys. */
export const ROLES = ["viewer", "analyst", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What can be allowed; every operation that needs credentials names one. */
export const PERMISSIONS = {
  "service.read": "Read versions and limits.",
  "metrics.read": "Read the metrics, where they need a key.",
  "compute.run": "Compute and estimate.",
  "jobs.read": "Read jobs, their events and results.",
  "jobs.write": "Submit and cancel jobs.",
  "jobs.manage": "Redrive dead jobs, and cancel by filter.",
  "streams.read": "Read streams, their results and rejected points.",
  "streams.push": "Send points to streams, and flush them.",
  "streams.write": "Make, change, pause and delete streams.",
  "streams.manage": "Redrive rejected points, and replay streams.",
  "datasets.read": "Read datasets and their content.",
  "datasets.write": "Upload and delete datasets.",
  "webhooks.read": "Read webhook deliveries.",
  "webhooks.manage": "Change webhook secrets and redrive deliveries.",
  "usage.read": "Read what the project used.",
  "keys.read": "List API keys.",
  "keys.manage": "Make and revoke API keys.",
  "members.read": "List the project's users and roles.",
  "members.manage": "Add, change and remove users and roles.",
  "audit.read": "Read and export the audit log.",
  "projects.read": "List the projects that one may enter.",
  "projects.manage": "Make and erase projects; from the default project only.",
} as const satisfies Record<string, string>;
export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as Permission[];

const VIEWER = ["service.read", "metrics.read", "jobs.read", "streams.read", "datasets.read", "projects.read"] as const;
const ANALYST = [...VIEWER, "compute.run", "jobs.write", "streams.push", "streams.write", "datasets.write"] as const;
const OPERATOR = [
  ...ANALYST,
  "jobs.manage",
  "streams.manage",
  "webhooks.read",
  "webhooks.manage",
  "usage.read",
  "keys.read",
  "members.read",
  "audit.read",
] as const;

/** What each built-in role may do. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(VIEWER),
  analyst: new Set(ANALYST),
  operator: new Set(OPERATOR),
  admin: new Set(PERMISSION_NAMES),
};

/** What every caller may, whatever the scope of the credential: find out who one is and what the service bounds. */
export const UNSCOPED_PERMISSION: Permission = "service.read";

/** Whether a role has a permission. */
export function isAllowed(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].has(permission);
}

/** The least role that has a permission. */
export function leastRole(permission: Permission): Role {
  return ROLES.find((role) => isAllowed(role, permission))!;
}
