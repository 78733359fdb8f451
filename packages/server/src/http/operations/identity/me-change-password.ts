import { CHANGE_PASSWORD_SCHEMA, type ChangePassword } from "@tda-platform/contract/identity-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { checkPassword, normalPassword } from "../../../domain/identity/password-rules.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { jsonReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `me.change_password` */
export function changePassword({ identity }: OperationContext) {
  const readBody = jsonReader<ChangePassword>(CHANGE_PASSWORD_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    requireNoQuery(request);
    const { current_password, new_password } = readBody(request);
    const actor = actorOf(request);
    const { kind, id } = actor.principal;
    const account = kind === "user" ? await identity.accounts.findById(id) : null;
    if (account === null)
      throw new ProblemError("not_supported", "Only users of this server's own have a password here.");
    await identity.service.checkPassword(account.username, current_password, actor.address);
    checkPassword(new_password, account.username, "/new_password");
    await identity.users.setOwnPassword(actor, await identity.passwords.hash(normalPassword(new_password)));
    reply.code(204);
  };
}
