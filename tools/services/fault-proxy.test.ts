import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultProxy } from "./services.ts";

let server: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

/** A server that sends back what it gets, and ends when its client does. */
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy = await FaultProxy.start((server.address() as { port: number }).port);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  server.close();
});

class Client {
  readonly #socket: Socket;
  readonly ended: Promise<string>;
  #received = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    clients.push(socket);
    socket.setEncoding("utf8").on("data", (text: string) => {
      this.#received += text;
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("end", () => resolve("end"));
  }

  static async connect(): Promise<Client> {
    const socket = connect(proxy.port, "127.0.0.1");
    const client = new Client(socket);
    await once(socket, "connect");
    return client;
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  finish(): void {
    this.#socket.end();
  }

  get received(): string {
    return this.#received;
  }

  async receives(text: string): Promise<void> {
    await expect.poll(() => this.#received, { timeout: 10_000 }).toBe(text);
  }
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it("passes everything on, in order, and ends as the two do", async () => {
  const client = await Client.connect();
  const text = Array.from({ length: 500_000 }, (_, n) => `${n},`).join("");
  client.send(text);
  client.finish();
  expect(await client.ended).toBe("end");
  expect(client.received === text).toBe(true);
  await expect.poll(() => proxy.connections).toBe(0);
});

it("names itself in a URL in place of the server", () => {
  const { port } = server.address() as { port: number };
  expect(proxy.url(`postgresql://me:secret@127.0.0.1:${port}/db?x=1`)).toBe(
    `postgresql://me:secret@127.0.0.1:${proxy.port}/db?x=1`,
  );
});

it("delays each way, and keeps the order when the delay ends", async () => {
  const client = await Client.connect();
  proxy.setLatency(150);
  const sentAt = performance.now();
  client.send("a");
  await client.receives("a");
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(299);
  client.send("b");
  await wait(20);
  proxy.setLatency(0);
  client.send("c");
  await client.receives("abc");
});

it("delays, but does not throttle", async () => {
  const client = await Client.connect();
  proxy.setLatency(100);
  for (let n = 0; n < 50; n++) {
    client.send("x");
    await wait(1);
  }
  await client.receives("x".repeat(50));
});

it("cuts open connections with a reset, and serves new ones", async () => {
  const client = await Client.connect();
  client.send("a");
  await client.receives("a");
  proxy.cut();
  expect(await client.ended).toBe("ECONNRESET");
  const next = await Client.connect();
  next.send("b");
  await next.receives("b");
});

it("refuses, cutting those that are open, until it resumes", async () => {
  const client = await Client.connect();
  client.send("a");
  await client.receives("a");
  await proxy.refuse();
  expect(await client.ended).toBe("ECONNRESET");
  await expect(Client.connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await proxy.resume();
  const next = await Client.connect();
  next.send("b");
  await next.receives("b");
});

describe("a black hole", () => {
  it("lets nothing through and closes nothing, and gives everything back when it resumes", async () => {
    const client = await Client.connect();
    client.send("a");
    await client.receives("a");
    await proxy.blackhole();
    client.send("b");
    const late = await Client.connect();
    late.send("c");
    await wait(200);
    expect([client.received, late.received, proxy.connections]).toEqual(["a", "", 2]);
    await proxy.resume();
    await client.receives("ab");
    await late.receives("c");
  });

  it("may follow a refusal, and be followed by one", async () => {
    await proxy.refuse();
    await proxy.blackhole();
    const client = await Client.connect();
    client.send("a");
    await wait(100);
    expect(client.received).toBe("");
    await proxy.refuse();
    expect(await client.ended).toBe("ECONNRESET");
    await expect(Client.connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

it("passes the server's end on", async () => {
  const client = await Client.connect();
  client.send("a");
  await client.receives("a");
  const closed = once(server, "close");
  server.close();
  client.finish();
  expect(await client.ended).toBe("end");
  await closed;
  // The proxy still listens, and has nobody behind it.
  const next = await Client.connect();
  expect(await next.ended).toBe("ECONNRESET");
});
