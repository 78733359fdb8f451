import { createClient, ProblemError, type TdaClient } from "@tda-platform/sdk";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { findServer, type ServerOptions } from "./find-server.ts";
import { LoginFile } from "./login-file.ts";

export interface Connection {
  readonly url: string;
  readonly client: TdaClient;
}

/** A token that ends within this is renewed before it is used. */
const MARGIN_MS = 30_000;

/**
 * A client of the server to talk to, with the first of: the key that was given, the login on this server (whose tokens are
 * renewed where they have run out), the local key.
 */
export async function connect(options: ServerOptions, context: CliContext): Promise<Connection> {
  const { url, apiKey, isLocalKey } = findServer(options, context);
  const projectId = options.project === undefined ? {} : { projectId: options.project };
  const accessToken = apiKey !== null && !isLocalKey ? null : await accessTokenFor(url, new LoginFile(context.env));
  const credentials = accessToken === null ? (apiKey === null ? {} : { apiKey }) : { accessToken };
  return { url, client: createClient({ baseUrl: url, ...credentials, ...projectId }) };
}

/** null: nobody is logged in there. @throws CliError when the session has ended. */
async function accessTokenFor(url: string, file: LoginFile): Promise<string | null> {
  const login = file.read(url);
  if (login === null) return null;
  if (login.expires_at - MARGIN_MS > Date.now()) return login.access_token;
  // One process at a time: a refresh token that is used twice ends the session.
  return await file.locked(async () => {
    const present = file.read(url);
    if (present === null) return null;
    if (present.expires_at - MARGIN_MS > Date.now()) return present.access_token;
    try {
      const token = await createClient({ baseUrl: url }).refreshTokens(present.refresh_token);
      file.write(url, token, present.username);
      return token.access_token;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      file.remove(url);
      throw new CliError(`The login on ${url} has ended.`, { hint: "Log in again: `tda login`.", cause: error });
    }
  });
}
