import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ConnectionError, createClient, ProblemError, type RawAnswer, UnexpectedAnswerError } from "./index.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = (response: ServerResponse, seen: Seen) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that gives the listed answers, the last one repeatedly, and remembers what it was asked. */
async function serverWith(...answers: Answer[]): Promise<{ baseUrl: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString("latin1") };
    seen.push(one);
    answers[Math.min(seen.length, answers.length) - 1]?.(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Answer =>
  json(
    status,
    { type: "about:blank", title: code, status, detail: "…", instance: "/", code, request_id: "req-1", ...more },
    { "content-type": "application/problem+json", ...headers },
  );

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => expect.unreachable("the call should fail"),
    (error: unknown) => error,
  );
}

describe("requests", () => {
  it("sends JSON with the key and the request id, and shows the answer as it came", async () => {
    const { baseUrl, seen } = await serverWith(json(200, { diagrams: [[[0, null]]] }, { "cache-status": "tda; hit" }));
    const client = createClient({ baseUrl: `${baseUrl}/`, apiKey: "tda_secret" });
    let raw: RawAnswer | undefined;
    const result = await client.computeVietorisRips(
      { points: [[0, 1]], max_dimension: 0 },
      {
        requestId: "mine",
        onAnswer: (answer) => {
          raw = answer;
        },
      },
    );
    expect(result.diagrams).toEqual([[[0, null]]]);
    expect(raw?.text).toBe('{"diagrams":[[[0,null]]]}');
    expect(raw?.headers.get("cache-status")).toBe("tda; hit");
    expect(seen[0]).toMatchObject({ method: "POST", url: "/v1/compute/vietoris-rips" });
    expect(seen[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "x-api-key": "tda_secret",
      "x-request-id": "mine",
    });
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ points: [[0, 1]], max_dimension: 0 });
  });

  it("sends raw bytes with the parameters that are set in the query", async () => {
    const { baseUrl, seen } = await serverWith(json(200, {}));
    const content = Uint8Array.of(0x93, 0x4e, 0x00, 0xff);
    await createClient({ baseUrl }).estimateVietorisRips({
      type: "application/x-npy",
      content,
      parameters: { input_kind: "distances", max_dimension: 2, threshold: 1.5, metric: undefined as never },
    });
    const url = new URL(seen[0]?.url ?? "", baseUrl);
    expect(url.pathname).toBe("/v1/compute/estimate");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      input_kind: "distances",
      max_dimension: "2",
      threshold: "1.5",
    });
    expect(seen[0]?.headers["content-type"]).toBe("application/x-npy");
    expect(Buffer.from(seen[0]?.body ?? "", "latin1")).toEqual(Buffer.from(content));
  });

  it.each([
    ["live", "/health/live"],
    ["ready", "/health/ready"],
    ["dependencies", "/health/dependencies"],
    ["version", "/v1/version"],
    ["limits", "/v1/limits"],
  ] as const)("%s", async (operation, path) => {
    const { baseUrl, seen } = await serverWith(json(200, {}));
    await createClient({ baseUrl })[operation]();
    expect(seen[0]).toMatchObject({ method: "GET", url: path });
    expect(seen[0]?.headers).not.toHaveProperty("x-api-key");
  });
});

describe("failures", () => {
  it("turns a problem document into a ProblemError with its places", async () => {
    const errors = [{ pointer: "/points/3/1", detail: "…" }];
    const { baseUrl } = await serverWith(problem(422, "ragged_rows", { errors, extra: 7 }));
    const error = await failure(createClient({ baseUrl }).computeVietorisRips({ points: [] }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      code: "ragged_rows",
      status: 422,
      errors,
      requestId: "req-1",
      problem: { extra: 7 },
    });
  });

  it("tells an answer that is none of ours", async () => {
    const { baseUrl } = await serverWith((response) => {
      response.writeHead(502, { "content-type": "text/html" }).end("<html>");
    });
    expect(await failure(createClient({ baseUrl }).version())).toBeInstanceOf(UnexpectedAnswerError);
    const broken = await serverWith((response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("{");
    });
    expect(await failure(createClient({ baseUrl: broken.baseUrl }).version())).toBeInstanceOf(UnexpectedAnswerError);
  });

  it("tells that nobody answers", async () => {
    const { baseUrl } = await serverWith((response) => response.destroy());
    expect(await failure(createClient({ baseUrl }).version())).toBeInstanceOf(ConnectionError);
  });

  it("rejects with the signal's reason", async () => {
    const controller = new AbortController();
    const { baseUrl } = await serverWith(() => controller.abort(new Error("enough")));
    const error = await failure(createClient({ baseUrl }).version({ signal: controller.signal }));
    expect(error).toBe(controller.signal.reason);
  });
});

describe("repeats", () => {
  it("tries a 503 with Retry-After again", async () => {
    const busy = problem(503, "overloaded", {}, { "retry-after": "0" });
    const { baseUrl, seen } = await serverWith(busy, busy, json(200, { version: "1" }));
    expect(await createClient({ baseUrl }).version()).toEqual({ version: "1" });
    expect(seen).toHaveLength(3);
  });

  it("gives up after its attempts", async () => {
    const { baseUrl, seen } = await serverWith(problem(503, "overloaded", {}, { "retry-after": "0" }));
    const error = await failure(createClient({ baseUrl, attempts: 2 }).version());
    expect(error).toMatchObject({ code: "overloaded", retryAfterSeconds: 0 });
    expect(seen).toHaveLength(2);
  });

  it.each([
    ["a 503 without Retry-After", problem(503, "engine_unavailable")],
    ["a 500", problem(500, "internal_error", {}, { "retry-after": "0" })],
    ["a wait beyond the limit", problem(503, "overloaded", {}, { "retry-after": "3600" })],
  ])("does not repeat %s", async (_, answer) => {
    const { baseUrl, seen } = await serverWith(answer);
    expect(await failure(createClient({ baseUrl }).version())).toBeInstanceOf(ProblemError);
    expect(seen).toHaveLength(1);
  });

  it("stops waiting when the caller does", async () => {
    const controller = new AbortController();
    const { baseUrl } = await serverWith((response, seen) => {
      problem(503, "overloaded", {}, { "retry-after": "20" })(response, seen);
      setImmediate(() => controller.abort());
    });
    const error = await failure(createClient({ baseUrl }).version({ signal: controller.signal }));
    expect(error).toBe(controller.signal.reason);
  });
});
