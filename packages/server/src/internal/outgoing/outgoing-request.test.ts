import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { OutgoingError, type OutgoingPolicy, type OutgoingRequest, sendOutgoing } from "./outgoing-request.ts";
import { selfSigned } from "./testing/certificate.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener) => listen(createServer(listener));
const private_ = { addresses: "private-too", allowsHttp: true } as const;
const loopback = async () => [{ address: "127.0.0.1", family: 4 }];
const call = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: "GET",
  url,
  timeoutMs: 5_000,
  responseLimitBytes: 1_000,
  ...more,
});
async function reasonOf(request: OutgoingRequest, policy: OutgoingPolicy): Promise<string> {
  const error = await sendOutgoing(request, policy).catch((thrown: unknown) => thrown);
  return error instanceof OutgoingError ? error.reason : expect.unreachable(String(error));
}

describe("a call", () => {
  it("sends method, headers and body, and brings status, headers and body back", async () => {
    const port = await serve((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { method, url, headers } = request;
        response.writeHead(207, { "x-answer": "yes" });
        response.end(JSON.stringify({ method, url, own: headers["x-own"], body: Buffer.concat(pieces).toString() }));
      });
    });
    const sent = call(`http://127.0.0.1:${port}/a?b=c`, {
      method: "POST",
      headers: { "x-own": "1" },
      body: Buffer.from("hello"),
    });
    const { status, headers, body } = await sendOutgoing(sent, private_);
    expect([status, headers["x-answer"]]).toEqual([207, "yes"]);
    expect(JSON.parse(body.toString())).toEqual({ method: "POST", url: "/a?b=c", own: "1", body: "hello" });
  });

  it("does not follow a redirect", async () => {
    let requests = 0;
    const port = await serve((_request, response) => {
      requests++;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect((await sendOutgoing(call(`http://127.0.0.1:${port}/`), private_)).status).toBe(302);
    expect(requests).toBe(1);
  });

  it("asks the resolver once, and goes to that address with the name in Host", async () => {
    let asked = 0;
    const hosts: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    });
    // The second answer of a name that is being rebound would not be called.
    const resolve = async () => [{ address: asked++ === 0 ? "127.0.0.1" : "169.254.169.254", family: 4 }];
    await sendOutgoing(call(`http://hook.example:${port}/`), { ...private_, resolve });
    expect([asked, hosts]).toEqual([1, [`hook.example:${port}`]]);
  });

  it("checks the certificate for the name, which goes out as SNI", async () => {
    const names: unknown[] = [];
    const { key, cert } = selfSigned("hook.example");
    const port = await listen(createTlsServer({ key, cert }, (_request, response) => void response.end("ok")));
    servers[0]!.on("secureConnection", (socket: TLSSocket) =>
      names.push((socket as { servername?: unknown }).servername),
    );
    const policy = { addresses: "private-too", allowsHttp: false, resolve: loopback } as const;
    const url = (name: string) => `https://${name}:${port}/`;
    expect((await sendOutgoing(call(url("hook.example")), { ...policy, ca: cert })).body.toString()).toBe("ok");
    expect(names).toEqual(["hook.example"]);
    expect(await reasonOf(call(url("other.example")), { ...policy, ca: cert })).toBe("tls_failed");
    expect(await reasonOf(call(url("hook.example")), policy)).toBe("tls_failed");
  });
});

describe("what is refused", () => {
  it.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost/",
    "http://169.254.169.254/latest/meta-data/",
    "http://nothing.invalid/",
  ])("%s: no public address", async (url) => {
    expect(await reasonOf(call(url), { addresses: "public", allowsHttp: true })).toBe("address_not_allowed");
  });

  it("a name of which one address is private", async () => {
    let connections = 0;
    const port = await serve(() => connections++);
    const resolve = async () => [
      { address: "1.1.1.1", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ];
    const policy = { addresses: "public", allowsHttp: true, resolve } as const;
    expect(await reasonOf(call(`http://hook.example:${port}/`), policy)).toBe("address_not_allowed");
    expect(connections).toBe(0);
  });

  it.each([
    "http://hook.example/",
    "ftp://hook.example/",
    "https://user:word@hook.example/",
    "hook.example",
    "file:///etc/passwd",
  ])("%s: not a URL to call", async (url) => {
    expect(await reasonOf(call(url), { addresses: "public", allowsHttp: false })).toBe("url_not_allowed");
  });
});

describe("what is too much", () => {
  it("time without an answer", async () => {
    const port = await serve(() => undefined);
    expect(await reasonOf(call(`http://127.0.0.1:${port}/`, { timeoutMs: 50 }), private_)).toBe("timeout");
  });

  it("time of an answer that trickles", async () => {
    const port = await serve((_request, response) => {
      const timer = setInterval(() => response.write("x"), 10);
      response.on("close", () => clearInterval(timer));
    });
    expect(await reasonOf(call(`http://127.0.0.1:${port}/`, { timeoutMs: 100 }), private_)).toBe("timeout");
  });

  it("time of a resolver that does not answer", async () => {
    const resolve = () => new Promise<never>(() => undefined);
    expect(await reasonOf(call("http://hook.example/", { timeoutMs: 50 }), { ...private_, resolve })).toBe("timeout");
  });

  it("an answer that is long: an error, or cut, and the connection ends", async () => {
    const ended: Promise<unknown>[] = [];
    const port = await serve((request, response) => {
      ended.push(new Promise((resolve) => request.socket.once("close", resolve)));
      request.socket.on("error", () => undefined);
      response.on("error", () => undefined);
      for (let i = 0; i < 64; i++) response.write(Buffer.alloc(65_536, "x"));
    });
    const url = `http://127.0.0.1:${port}/`;
    expect(await reasonOf(call(url), private_)).toBe("response_too_large");
    expect((await sendOutgoing(call(url, { onLongResponse: "cut" }), private_)).body).toHaveLength(1_000);
    await Promise.all(ended);
  });

  it("headers that are long", async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { "x-long": "x".repeat(20_000) }).end();
    });
    expect(await reasonOf(call(`http://127.0.0.1:${port}/`), private_)).toBe("connection_failed");
  });
});

it("nobody listens: the connection failed", async () => {
  const port = await serve(() => undefined);
  servers[0]!.close();
  await once(servers.pop()!, "close");
  expect(await reasonOf(call(`http://127.0.0.1:${port}/`), private_)).toBe("connection_failed");
});

it("a caller that gives up gets its own reason", async () => {
  const port = await serve(() => undefined);
  const stop = new AbortController();
  const answer = sendOutgoing(call(`http://127.0.0.1:${port}/`, { signal: stop.signal }), private_);
  stop.abort(new Error("stopping"));
  await expect(answer).rejects.toThrow("stopping");
});
