import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A loopback port that nobody listens on, below those that Linux gives to outgoing connections: a server that is
 * restarted gets its port back.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(15_000, 32_000);
    const probe = createServer();
    try {
      probe.listen(port, "127.0.0.1");
      await once(probe, "listening");
      probe.close();
      await once(probe, "close");
      return port;
    } catch {
      // it is taken
    }
  }
  throw new Error("there is no free port between 15000 and 32000");
}
