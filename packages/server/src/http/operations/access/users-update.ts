import { USER_CHANGE_SCHEMA, type User, type UserChange } from "@tda-platform/contract/access-schemas";
import type { FastifyRequest } from "fastify";
import { refuseEscalation } from "../../../domain/identity/granted.ts";
import { checkPassword, normalPassword } from "../../../domain/identity/password-rules.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { jsonReader } from "../../json-request.ts";
import { pathId } from "../../path-parameter.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `user.update` */
export function updateUser({ identity: { users, passwords } }: OperationContext) {
  const readBody = jsonReader<UserChange>(USER_CHANGE_SCHEMA);
  const notFound = () => new ProblemError("not_found", "There is no such user.");
  return async (request: FastifyRequest): Promise<User> => {
    requireNoQuery(request);
    const userId = pathId(request, "user_id", "usr");
    const { role, display_name, password, is_disabled } = readBody(request);
    const actor = actorOf(request);
    const found = await users.find(actor.principal.projectId, userId);
    if (found === null) throw notFound();
    // Whoever sets a password can act as the user.
    refuseEscalation(actor.principal, found.role);
    if (role !== undefined) refuseEscalation(actor.principal, role);
    if (password !== undefined) checkPassword(password, found.username, "/password");
    const updated = await users.update(actor, userId, {
      ...(role === undefined ? {} : { role }),
      ...(display_name === undefined ? {} : { displayName: display_name }),
      ...(is_disabled === undefined ? {} : { isDisabled: is_disabled }),
      ...(password === undefined ? {} : { passwordHash: await passwords.hash(normalPassword(password)) }),
    });
    if (updated === null) throw notFound();
    return updated;
  };
}
