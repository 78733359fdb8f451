import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

const path = "/v1/compute/vietoris-rips";
const square = {
  points: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

/** Writes bytes on a connection, in the given pieces, and reads until it closes. */
function raw(server: TestServer, ...pieces: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(server.port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

function problemIn(answer: string): { status: number; code: string } {
  const [head, body] = answer.split("\r\n\r\n") as [string, string];
  expect(head.toLowerCase()).toContain("content-type: application/problem+json");
  const document = JSON.parse(body) as { status: number; code: string; request_id: string };
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${document.status} `));
  expect(head.toLowerCase()).toContain(`x-request-id: ${document.request_id.toLowerCase()}`);
  return { status: document.status, code: document.code };
}

describe("bodies", () => {
  it("over the limit are refused by their length, or as they come, and the connection lives on", async () => {
    const server = await bed.server({ env: { TDA_BODY_LIMIT_BYTES: "64KiB" } });
    const body = Buffer.alloc(65_537, " ");
    const refused = await server.post(body);
    expect(refused.headers.get("connection")).not.toBe("close");
    expect(await codeOf(refused)).toEqual([413, "body_too_large"]);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 5; i++) controller.enqueue(body.subarray(0, 16_384));
        controller.close();
      },
    });
    const chunked = await fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: stream,
      duplex: "half",
    } as RequestInit);
    expect(await codeOf(chunked)).toEqual([413, "body_too_large"]);
    expect((await server.post(square)).status).toBe(200);
  });

  it("at the limit are read", async () => {
    const server = await bed.server({ env: { TDA_BODY_LIMIT_BYTES: "64KiB" } });
    const body = JSON.stringify(square);
    expect((await server.post(body + " ".repeat(65_536 - body.length))).status).toBe(200);
    const packed = gzipSync(body + " ".repeat(4000));
    expect((await server.post(packed, { "content-encoding": "gzip" })).status).toBe(200);
  });

  it("of many large requests at once are bounded together, and the room comes back", async () => {
    const server = await bed.server({ env: { TDA_BODY_LIMIT_BYTES: "64KiB" } });
    const length = 65_536;
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
    // Eight bodies that all but arrive, and stay.
    const holders = Array.from({ length: 8 }, () => {
      const socket = connect(server.port, "127.0.0.1", () => socket.write(head + " ".repeat(length - 1)));
      return socket;
    });
    const refused = await until(async () => {
      const answer = await server.post(" ".repeat(length - 20) + '{"points": []}'.padEnd(20));
      return answer.status === 503 && answer;
    });
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await codeOf(refused)).toEqual([503, "overloaded"]);
    expect((await server.post(square)).status).toBe(200);
    for (const socket of holders) socket.destroy();
    await until(async () => (await server.post(" ".repeat(length - 20) + '{"points": []}'.padEnd(20))).status === 200);
  });

  it("of other types, without a type, or in other codings are 415", async () => {
    const server = await bed.server();
    for (const type of [
      "text/plain",
      "application/xml",
      "application/jsonp",
      "json",
      "multipart/form-data; boundary=x",
      "application/vnd.apache.arrow.file",
    ]) {
      expect(await codeOf(await server.post("{}", { "content-type": type })), type).toEqual([
        415,
        "unsupported_media_type",
      ]);
    }
    const none = await fetch(server.url + path, { method: "POST" });
    expect(await codeOf(none)).toEqual([415, "unsupported_media_type"]);
    for (const coding of ["br", "deflate", "gzip, gzip", "gzip,zstd", "x"]) {
      expect(await codeOf(await server.post("{}", { "content-encoding": coding })), coding).toEqual([
        415,
        "unsupported_content_encoding",
      ]);
    }
  });

  it("that end before their end are nobody's defect", async () => {
    const server = await bed.server();
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      );
      setTimeout(() => socket.destroy(), 20);
    });
    await until(() => server.log.some((line) => line.status === 499));
    expect(server.log.filter((line) => Number(line.level) >= 40)).toEqual([]);
  });
});

describe("HTTP that is none", () => {
  it.each([
    ["garbage", "hello\r\n\r\n", "bad_request"],
    ["an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", "bad_request"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "bad_request",
    ],
    ["a bare line feed in a header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nb\r\n\r\n", "bad_request"],
    ["no host", "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", "bad_request"],
    ["headers too large", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`, "headers_too_large"],
  ])("%s is a problem of its own", async (_name, text, code) => {
    const server = await bed.server();
    expect(problemIn(await raw(server, text))).toMatchObject({ code });
  });

  it("is told also on a connection that was used before", async () => {
    const server = await bed.server();
    const good = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const answers = await new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(server.port, "127.0.0.1", () => socket.write(good));
      socket.on("data", (chunk) => {
        text += chunk.toString();
        if (text.includes('{"status":"live"}') && !text.includes("problem")) socket.write("nonsense\r\n\r\n");
      });
      socket.on("error", reject).on("close", () => resolve(text));
    });
    expect(problemIn(answers.slice(answers.lastIndexOf("HTTP/1.1")))).toEqual({ status: 400, code: "bad_request" });
  });

  it("is a path that can't be decoded", async () => {
    const server = await bed.server();
    for (const bad of ["/%", "/v1/%zz"]) {
      const text = await raw(server, `GET ${bad} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect(problemIn(text)).toEqual({ status: 400, code: "bad_request" });
    }
  });
});

describe("paths and methods", () => {
  it("are told apart before any body is read", async () => {
    const server = await bed.server();
    const unknown = await server.post("<x/>", { "content-type": "application/xml" }, "/v1/nothing");
    expect(await codeOf(unknown)).toEqual([404, "not_found"]);
    const wrong = await fetch(server.url + path, {
      method: "PUT",
      body: "<x/>",
      headers: { "content-type": "application/xml" },
    });
    expect(wrong.headers.get("allow")).toBe("POST, OPTIONS");
    expect(await codeOf(wrong)).toEqual([405, "method_not_allowed"]);
  });

  it("say what is allowed", async () => {
    const server = await bed.server();
    for (const [one, allow] of [
      [path, "POST, OPTIONS"],
      ["/compute/vietoris-rips", "POST, OPTIONS"],
      ["/health/live", "GET, HEAD, OPTIONS"],
      ["/docs", "GET, HEAD, OPTIONS"],
    ] as const) {
      const answer = await fetch(server.url + one, { method: "OPTIONS" });
      expect([answer.status, answer.headers.get("allow")]).toEqual([204, allow]);
    }
  });
});

describe("request ids and traces", () => {
  it("go into the log and the answer", async () => {
    const server = await bed.server();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const answer = await server.post(square, { "x-request-id": "my.request_1", traceparent });
    expect(answer.headers.get("x-request-id")).toBe("my.request_1");
    const line = await until(() => server.log.find((one) => one.request_id === "my.request_1" && one.status === 200));
    expect(line).toMatchObject({
      method: "POST",
      path,
      principal: "local",
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      parent_span_id: "00f067aa0ba902b7",
      duration_ms: expect.any(Number),
    });
  });

  it("are the server's own where the client's are not allowed", async () => {
    const server = await bed.server();
    const ids = new Set<string | null>();
    for (const id of ["", "a b", "x".repeat(65), "a/b", "ä"]) {
      ids.add(
        (await server.get("/v1/nothing", { "x-request-id": Buffer.from(id).toString("latin1") })).headers.get(
          "x-request-id",
        ),
      );
    }
    expect(ids.size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^req-[a-z0-9-]{10,60}$/);
  });
});

describe("answers", () => {
  it("are compressed by negotiation, and varied by it", async () => {
    const server = await bed.server();
    const body = { points: Array.from({ length: 150 }, (_, i) => [Math.sin(i * i), Math.cos(i * 3)]) };
    const sizes = new Map<string, number>();
    for (const coding of ["identity", "gzip", "br", "zstd"]) {
      const answer = await server.http.inject({
        method: "POST",
        url: path,
        headers: { host: "localhost", "content-type": "application/json", "accept-encoding": coding },
        payload: JSON.stringify(body),
      });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers["content-encoding"]).toBe(coding === "identity" ? undefined : coding);
      if (coding !== "identity") expect(answer.headers.vary).toContain("accept-encoding");
      sizes.set(coding, answer.rawPayload.length);
    }
    for (const coding of ["gzip", "br", "zstd"]) expect(sizes.get(coding)!).toBeLessThan(sizes.get("identity")! / 2);
  });

  it.each([
    ["without origins", {}],
    ["with origins", { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_CORS_ORIGINS: "https://console.example.org" }],
  ])("have the same headers and bytes whether they are sent ready or negotiated, %s", async (_name, env) => {
    const server = await bed.server({ env });
    const ask = async (more: Record<string, string>) => {
      const { statusCode, headers, body } = await server.http.inject({
        method: "POST",
        url: path,
        headers: { host: "localhost", "content-type": "application/json", "x-api-key": server.apiKey, ...more },
        payload: JSON.stringify({ points: [[0], [Object.keys(env).length + 2]] }),
      });
      const { date: _date, "x-request-id": requestId, ...rest } = headers;
      expect([statusCode, requestId]).toEqual([200, expect.stringMatching(/^req-/)]);
      expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
      return [rest, { ...(JSON.parse(body) as object), id: "" }];
    };
    await ask({});
    const ready = await ask({});
    expect(ready).toEqual(await ask({ "accept-encoding": "identity" }));
    expect(ready).toEqual([expect.objectContaining({ "cache-status": "tda; hit" }), expect.anything()]);
  });

  it("are never stored, sniffed or framed", async () => {
    const server = await bed.server();
    for (const one of ["/health/live", "/v1/nothing", "/v1/limits", "/%"]) {
      const { headers } = await server.http.inject({ url: one, headers: { host: "localhost" } });
      expect(headers, one).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
      });
      expect(headers).not.toHaveProperty("x-powered-by");
    }
  });

  it("of a stopping server are 503 for work, and still health", async () => {
    const server = await bed.server({ isShuttingDown: () => true });
    const answer = await server.post(square);
    expect(answer.headers.get("connection")).toBe("close");
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await codeOf(answer)).toEqual([503, "shutting_down"]);
    expect(await codeOf(await server.get("/health/ready"))).toEqual([503, "shutting_down"]);
    expect((await server.get("/health/live")).status).toBe(200);
  });
});
