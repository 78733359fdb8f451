import { ROLES, type Role } from "@tda-platform/contract/permissions";
import { SettingsError } from "./settings-error.ts";

/** `tda-admins=admin,researchers=analyst`; null: our roles by name. @throws SettingsError */
export function oidcRoles(mapping: string | null): ReadonlyMap<string, Role> {
  if (mapping === null) return new Map(ROLES.map((role) => [role, role]));
  const roles = new Map<string, Role>();
  for (const pair of mapping.split(",")) {
    const at = pair.lastIndexOf("=");
    const [value, name] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    const role = ROLES.find((one) => one === name);
    if (at <= 0 || value === "" || role === undefined) {
      throw new SettingsError(
        "TDA_OIDC_ROLE_MAPPING",
        `TDA_OIDC_ROLE_MAPPING must be pairs such as researchers=analyst, comma-separated, with the roles ${ROLES.join(", ")}; ${JSON.stringify(pair)} is none.`,
      );
    }
    roles.set(value, role);
  }
  return roles;
}
