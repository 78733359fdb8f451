import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTda, type TdaEnd, temporaryFolder } from "./run-tda.ts";

const folder = temporaryFolder();
const id = "str_01a217be-e6a8-7394-9559-bf76e7311837";

/** Stands where a server would: gives one answer. What real servers do is acceptance's to test. */
let respond: { status: number; type: string; body: string };
const seen: IncomingMessage[] = [];
const server = createServer((request, response) => {
  seen.push(request);
  request.resume();
  response.writeHead(respond.status, { "content-type": respond.type }).end(respond.body);
});
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  env = { TDA_SERVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, TDA_API_KEY: "tda_test" };
});
afterAll(() => {
  server.close();
});

const tda = (...args: string[]): Promise<TdaEnd> => runTda(["streams", ...args], folder, { env });
const json = (body: object, status = 200, type = "application/json"): typeof respond => ({
  status,
  type,
  body: JSON.stringify(body),
});

it("takes only times in UTC, and says so before it asks a server", async () => {
  seen.length = 0;
  for (const time of ["yesterday", "2026-01-01", "2026-01-01T00:00:00+01:00"]) {
    const { code, stderr } = await tda("results", id, "--from", time);
    expect([code, stderr]).toEqual([2, expect.stringContaining("2026-01-31T12:00:00Z")]);
  }
  expect(seen).toEqual([]);
});

it("names no place for what concerns the definition as a whole", async () => {
  writeFileSync(join(folder, "definition.json"), "{}");
  const detail = "Must have required property 'window'.";
  const errors = [
    { pointer: "", detail },
    { pointer: "", detail: "Something else." },
    { pointer: "/x", detail: "Not known." },
  ];
  const problem = { type: "about:blank", title: "x", status: 422, code: "validation_failed", detail, errors };
  respond = json({ ...problem, request_id: "req-1" }, 422, "application/problem+json");
  const { code, stderr } = await tda("create", "definition.json");
  expect(code).toBe(1);
  expect(stderr).not.toMatch(/^ *at *$/m);
  expect(stderr).toMatch(/^ *Something else\.$/m);
  expect(stderr).toMatch(/^ *at \/x: Not known\.$/m);
});

const result = {
  key: "",
  window_start: "2026-01-01T00:00:43.000Z",
  window_end: "2026-01-01T00:00:44.000Z",
  revision: 0,
  superseded: false,
  points: 1000,
  diagrams: null,
  outputs: {
    persistence_entropy: [5.25, null],
    total_persistence: [80, 9.5],
    change_score: { distance: 0.5, z_score: 27.25 },
  },
  alerts: ["fault"],
};

it("shows numbers and alerts of results, and that there are more", async () => {
  respond = json({ items: [result], next_cursor: "next" });
  const more = await tda("results", id);
  expect(more.stdout).toContain("entropy 5.25/-; total 80/9.5; distance 0.5, z 27.25; ALERT fault");
  expect(more.stderr).toContain("There are more");
  respond = json({ items: [result], next_cursor: null });
  expect((await tda("results", id)).stderr).toBe("");
});

it("heads live results, and ends after as many as were asked for", async () => {
  const events = [1, 2].map((position) => `id: ${position}\nevent: result\ndata: ${JSON.stringify(result)}\n\n`);
  respond = { status: 200, type: "text/event-stream", body: events.join("") };
  const { code, stdout } = await tda("live", id, "--after", "0", "--count", "1");
  expect(code).toBe(0);
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/^window +end +key +revision +points +summary$/),
    expect.stringMatching(/ALERT fault$/),
  ]);
});
