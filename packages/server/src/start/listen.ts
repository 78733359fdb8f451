import { isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import { StartError } from "../internal/start-error.ts";

/** Begins to listen and returns the address for people and clients on this machine. @throws StartError */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw new StartError(explain(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  const address = server.server.address();
  const listensOn = typeof address === "object" && address !== null ? address.port : port;
  return `http://${reachable(host)}:${listensOn}`;
}

/** An address that means every interface is no address to call. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use by another program: stop it, or choose another port with API_PORT (0 takes a free one).`;
    case "EACCES":
      return `Port ${port} may not be used by this user: choose one above 1023 with API_PORT.`;
    case "EADDRNOTAVAIL":
      return `${host} is not an address of this machine: set API_HOST to one that is.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host name ${host} in API_HOST cannot be resolved.`;
    default:
      return `The server cannot listen on ${host}, port ${port}: ${message}.`;
  }
}
