import type { Command } from "commander";
import type { ServerOptions } from "../connection/find-server.ts";

export interface ManageOptions extends ServerOptions {
  readonly json?: true;
}

/** Gives a command the options of everything that talks to a server about its project. */
export function withServerOptions(command: Command): Command {
  return command
    .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
    .option("--api-key <key>", "key for the server (default: TDA_API_KEY, then the login, then the local key)")
    .option("--project <id>", "the project to enter, of those that you are a member of")
    .option("--json", "print the answer of the HTTP API");
}
