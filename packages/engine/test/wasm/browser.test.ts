/** The WebAssembly engine in a real browser, from a server on the loopback address: the native engine's values. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInProcessEngine } from "../../src/index.ts";
import { defaultWasmFile } from "../../src/locate-build.ts";
import { defaults, longInput, longOptions, randomPoints } from "../support/inputs.ts";

interface Report {
  readonly error?: string;
  readonly page: Record<string, unknown>;
  readonly worker: Record<string, unknown>;
}

const input = randomPoints(90, 3);
const options = { ...defaults, maxDimension: 2 };
const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};
const profile = mkdtempSync(join(tmpdir(), "tda-browser-"));
let server: Server;
let browser: ChildProcess;
let report: Report;

const plain = (value: object) => ({ ...value, values: [...(value as { values: Float64Array }).values] });

async function answer(
  request: IncomingMessage,
  reported: (report: Report) => void,
): Promise<[string, string | Buffer]> {
  const { url = "" } = request;
  if (url === "/report") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    reported(JSON.parse(Buffer.concat(chunks).toString()));
    return ["text/plain", ""];
  }
  if (url === "/call.json") {
    return [
      "application/json",
      JSON.stringify({ input: plain(input), options, longInput: plain(longInput), longOptions }),
    ];
  }
  const folder = url.startsWith("/wasm/") ? join(defaultWasmFile(), "..") : join(import.meta.dirname, "browser");
  const file = join(folder, url.slice(url.lastIndexOf("/") + 1));
  return [mediaTypes[extname(file)] ?? "application/octet-stream", await readFile(file)];
}

beforeAll(async () => {
  report = await new Promise<Report>((resolve, reject) => {
    server = createServer((request, response) => {
      answer(request, resolve).then(
        ([type, body]) => response.writeHead(200, { "content-type": type }).end(body),
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"].concat(
        ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
        `--user-data-dir=${profile}`,
      );
      browser = spawn("chromium", [...flags, `http://127.0.0.1:${port}/page.html`], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let output = "";
      browser.stderr?.on("data", (chunk) => {
        output += chunk;
      });
      browser.on("error", reject);
      browser.on("exit", (code) => reject(new Error(`The browser ended with ${code}: ${output}`)));
    });
  });
}, 120_000);

afterAll(async () => {
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  browser.kill();
  await ended;
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

describe("a browser", () => {
  it("gives the native engine's values, on the page and in a worker", async () => {
    expect(report.error).toBeUndefined();
    const native = await createInProcessEngine();
    const { diagrams } = await native.vietorisRips(input, options);
    const { edges } = await native.estimateVietorisRips(input, options);
    // The shortest text of a double that is read back as the same.
    const expected = diagrams.map((diagram) => [...diagram].map(String));
    expect(report.page).toMatchObject({ version: native.version, simdTarget: "wasm128", diagrams: expected });
    expect(report.worker).toMatchObject({ version: native.version, diagrams: expected, edges });
    await native.close();
  });

  it("gets typed errors", () => {
    expect(report.page).toMatchObject({ refusal: "memory_limit_exceeded" });
    expect(report.worker).toMatchObject({
      refusal: "invalid_field",
      closed: "engine_closed",
      afterwards: "engine_closed",
    });
  });

  it("sees progress and cancels in a worker; what waited is computed by the next worker", () => {
    expect(report.worker).toMatchObject({ cancelled: "cancelled", fractions: [expect.any(Number)] });
  });
});
