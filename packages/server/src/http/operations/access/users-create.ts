import { NEW_USER_SCHEMA, type NewUser, type User } from "@tda-platform/contract/access-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuseEscalation } from "../../../domain/identity/granted.ts";
import { checkPassword, normalPassword } from "../../../domain/identity/password-rules.ts";
import type { Actor } from "../../../domain/identity/ports.ts";
import { ProblemError, problemAt } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { jsonReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `user.create` */
export function createUser({ identity: { users, passwords } }: OperationContext) {
  const readBody = jsonReader<NewUser>(NEW_USER_SCHEMA);
  const make = async (actor: Actor, username: string, { password, display_name = null, role }: NewUser) => {
    if (password !== undefined) checkPassword(password, username, "/password");
    const passwordHash = password === undefined ? null : await passwords.hash(normalPassword(password));
    return await users.create(actor, { username, passwordHash, displayName: display_name, role });
  };
  const join = async (actor: Actor, userId: string, { password, display_name, role }: NewUser) => {
    if (password !== undefined || (display_name ?? null) !== null) {
      throw problemAt("validation_failed", "/user_id", "Of another project's user only the role is given.");
    }
    const user = await users.join(actor, userId, role);
    if (user === null) throw new ProblemError("not_found", "There is no such user.");
    return user;
  };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<User> => {
    requireNoQuery(request);
    const body = readBody(request);
    const { username, user_id: userId } = body;
    const actor = actorOf(request);
    refuseEscalation(actor.principal, body.role);
    if ((username === undefined) === (userId === undefined)) {
      throw problemAt("validation_failed", "/username", "Give either username or user_id.");
    }
    const user = userId === undefined ? await make(actor, username!, body) : await join(actor, userId, body);
    reply.code(201).header("location", `/v1/users/${user.id}`);
    return user;
  };
}
