import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadSettings } from "@tda-platform/server/config/settings";
import { CliError, usageError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { runningServerOf } from "./running-server.ts";

export interface ServerOptions {
  readonly server?: string | undefined;
  readonly apiKey?: string | undefined;
  /** The project to enter. */
  readonly project?: string | undefined;
}

export interface FoundServer {
  readonly url: string;
  readonly apiKey: string | null;
  /** The key is that of the data folder, which nobody asked for by name. */
  readonly isLocalKey: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The server to talk to: --server, TDA_SERVER_URL, or the one that runs on this machine's data folder; and the key for
 * it: --api-key, TDA_API_KEY, or the local key. The local key is read only for a server on this machine: it is nobody
 * else's to see.
 */
export function findServer(options: ServerOptions, context: CliContext): FoundServer {
  const given = options.server ?? (context.env.TDA_SERVER_URL || undefined);
  const givenKey = options.apiKey ?? (context.env.TDA_API_KEY || undefined);
  const { dataDir } = loadSettings(context.env);
  const url = given === undefined ? runningServer(dataDir) : checkedUrl(given);
  if (givenKey !== undefined) return { url, apiKey: givenKey, isLocalKey: false };
  return { url, apiKey: LOOPBACK.test(new URL(url).hostname) ? localKey(dataDir) : null, isLocalKey: true };
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usageError(`${text} is not the address of a server.`, "It looks like http://127.0.0.1:8000.");
  }
  return url.href.replace(/\/$/, "");
}

function runningServer(dataDir: string): string {
  const running = runningServerOf(dataDir);
  if (running !== null) return running.url;
  throw new CliError(`No server runs on the data folder ${dataDir}.`, {
    hint: "Start one with `npm start`, name another with --server, or compute without one: --local.",
  });
}

/** @throws CliError where others than its owner may read it: it is no secret then. */
function localKey(dataDir: string): string | null {
  const path = localKeyFile(dataDir);
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new CliError(`${path} is open to other accounts.`, { hint: `Close it: chmod 600 ${path}` });
    }
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof CliError) throw error;
    return null;
  }
}

function localKeyFile(dataDir: string): string {
  return join(dataDir, "keys", "local-api-key");
}
