import type { IDENTITY_OPERATIONS } from "@tda-platform/contract/operations/identity";
import type { HandlerOf } from "../context.ts";
import { revokeToken } from "./auth-revoke.ts";
import { grantToken } from "./auth-token.ts";
import { readJwks } from "./jwks-read.ts";
import { changePassword } from "./me-change-password.ts";
import { readMe } from "./me-read.ts";
import { readOpenIdConfiguration } from "./openid-configuration-read.ts";
import { createTicket } from "./tickets-create.ts";

export const IDENTITY_HANDLERS = {
  "auth.token": grantToken,
  "auth.revoke": revokeToken,
  "jwks.read": readJwks,
  "openid_configuration.read": readOpenIdConfiguration,
  "me.read": readMe,
  "me.change_password": changePassword,
  "ticket.create": createTicket,
} as const satisfies Record<keyof typeof IDENTITY_OPERATIONS, HandlerOf>;
