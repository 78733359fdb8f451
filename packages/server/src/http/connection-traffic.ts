import type { Socket } from "node:net";

interface Seen {
  read: number;
  written: number;
}

export interface RequestTraffic {
  readonly requests: 1;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/**
 * Bytes of each request, as what its connection carried since the request before: with headers, as they were compressed, and
 * whatever the answer was made of.
 */
export class ConnectionTraffic {
  readonly #seen = new WeakMap<Socket, Seen>();

  since(socket: Socket): RequestTraffic {
    const { bytesRead: read, bytesWritten: written } = socket;
    const seen = this.#seen.get(socket);
    if (seen === undefined) {
      this.#seen.set(socket, { read, written });
      return { requests: 1, bytesReceived: read, bytesSent: written };
    }
    // A closed connection may say less than it has said.
    const used = {
      requests: 1,
      bytesReceived: Math.max(0, read - seen.read),
      bytesSent: Math.max(0, written - seen.written),
    } as const;
    seen.read = read;
    seen.written = written;
    return used;
  }
}
