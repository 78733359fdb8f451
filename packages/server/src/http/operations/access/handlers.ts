import type { ACCESS_OPERATIONS } from "@tda-platform/contract/operations/access";
import type { HandlerOf } from "../context.ts";
import { createKey } from "./keys-create.ts";
import { listKeys } from "./keys-list.ts";
import { readKey } from "./keys-read.ts";
import { revokeKey } from "./keys-revoke.ts";
import { rotateKey } from "./keys-rotate.ts";
import { createProject } from "./projects-create.ts";
import { listProjects } from "./projects-list.ts";
import { createUser } from "./users-create.ts";
import { listUsers } from "./users-list.ts";
import { readUser } from "./users-read.ts";
import { removeUser } from "./users-remove.ts";
import { updateUser } from "./users-update.ts";

export const ACCESS_HANDLERS = {
  "key.create": createKey,
  "key.list": listKeys,
  "key.read": readKey,
  "key.revoke": revokeKey,
  "key.rotate": rotateKey,
  "user.create": createUser,
  "user.list": listUsers,
  "user.read": readUser,
  "user.update": updateUser,
  "user.remove": removeUser,
  "project.create": createProject,
  "project.list": listProjects,
} as const satisfies Record<keyof typeof ACCESS_OPERATIONS, HandlerOf>;
