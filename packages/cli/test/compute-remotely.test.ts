import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runTda, temporaryFolder, withoutNativeEngine } from "./run-tda.ts";

const folder = temporaryFolder();
const dataDir = join(folder, "data");
writeFileSync(join(folder, "square.csv"), "0,0\n1,0\n1,1\n0,1\n");
const compute = ["compute", "vietoris-rips", "square.csv", "--json"];

/** Stands where a server would: remembers requests, gives one answer. What real servers do is acceptance's to test. */
let respond: { status: number; type: string; body: string };
/** Called with each request; the answer waits for it. */
let onRequest: (request: IncomingMessage) => Promise<void>;
const seen: { request: IncomingMessage; body: string }[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  seen.push({ request, body: Buffer.concat(chunks).toString() });
  await onRequest(request);
  response.writeHead(respond.status, { "content-type": respond.type }).end(respond.body);
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  seen.length = 0;
  onRequest = async () => undefined;
  respond = { status: 200, type: "application/json", body: '{"id":"cmp_1","diagrams":[[[0,null]]]}' };
  rmSync(dataDir, { recursive: true, force: true });
  for (const name of ["run", "keys"]) mkdirSync(join(dataDir, name), { recursive: true });
});

const announce = (pid: number): void =>
  writeFileSync(
    join(dataDir, "run", "server.json"),
    JSON.stringify({ pid, url, started_at: new Date().toISOString() }),
  );
const keepKey = (mode: number): void => {
  const path = join(dataDir, "keys", "local-api-key");
  writeFileSync(path, "tda_local\n");
  chmodSync(path, mode);
};

describe("finding the server", () => {
  it("takes the one that runs on the data folder, with the local key", async () => {
    announce(process.pid);
    keepKey(0o600);
    const { code, stdout, stderr } = await runTda(compute, folder, { env: { TDA_DATA_DIR: "data" } });
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(respond.body);
    expect(seen[0]?.request.headers).toMatchObject({ "x-api-key": "tda_local", "content-type": "text/csv" });
    expect(seen[0]?.request.url).toBe(
      "/v1/compute/vietoris-rips?input_kind=points&max_dimension=1&coefficient_field=2",
    );
    expect(seen[0]?.body).toBe("0,0\n1,0\n1,1\n0,1\n");
  });

  it("takes the given one before that, and the given key", async () => {
    writeFileSync(join(dataDir, "run", "server.json"), JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:1" }));
    keepKey(0o600);
    const { code } = await runTda([...compute, "--server", url, "--api-key", "tda_given"], folder, {
      env: { TDA_DATA_DIR: "data", TDA_API_KEY: "tda_environment" },
    });
    expect(code).toBe(0);
    expect(seen[0]?.request.headers["x-api-key"]).toBe("tda_given");
  });

  it("refuses a key that others can read", async () => {
    announce(process.pid);
    keepKey(0o644);
    const { code, stderr } = await runTda(compute, folder, { env: { TDA_DATA_DIR: "data" } });
    expect(code).toBe(1);
    expect(stderr).toContain("chmod 600");
    expect(seen).toEqual([]);
  });

  it("does not believe in a server whose process is gone", async () => {
    // Above the largest process id of Linux.
    announce(2 ** 30);
    const { code, stderr } = await runTda(compute, folder, { env: { TDA_DATA_DIR: "data" } });
    expect(code).toBe(1);
    expect(stderr).toContain("npm start");
    expect(stderr).toContain("--local");
  });

  it("says where nobody answers, with both ways out", async () => {
    const { code, stderr } = await runTda([...compute, "--server", "http://127.0.0.1:1"], folder);
    expect(code).toBe(1);
    expect(stderr).toContain("http://127.0.0.1:1");
    expect(stderr).toContain("--local");
  });

  it("refuses an address that is none", async () => {
    expect((await runTda([...compute, "--server", "localhost"], folder)).code).toBe(2);
  });
});

describe("answers", () => {
  it("explains a problem: title, detail, place, code, request, remedy", async () => {
    respond = {
      status: 422,
      type: "application/problem+json",
      body: JSON.stringify({
        type: "/docs/problems#ragged_rows",
        title: "Rows of unequal length",
        status: 422,
        detail: "The second row is short.",
        instance: "/v1/compute/vietoris-rips",
        code: "ragged_rows",
        request_id: "req_7",
        errors: [{ pointer: "/points/1", detail: "The second row is short." }],
      }),
    };
    const { code, stdout, stderr } = await runTda([...compute, "--server", url], folder);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    for (const part of ["The second row is short.", "/points/1", "ragged_rows", "req_7"])
      expect(stderr).toContain(part);
  });

  it("tells a server that is none of ours", async () => {
    respond = { status: 200, type: "text/html", body: "<html>" };
    const { code, stderr } = await runTda([...compute, "--server", url], folder);
    expect(code).toBe(1);
    expect(stderr).toContain(url);
  });

  it("computes what --local says without asking anybody", async () => {
    announce(process.pid);
    const env = { TDA_DATA_DIR: "data", ...withoutNativeEngine };
    const { code } = await runTda([...compute, "--local"], folder, { env });
    expect(code).toBe(0);
    expect(seen).toEqual([]);
  });
});

describe("interruption", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("%s leaves the computation and ends with 130", async (signal) => {
    let pid = 0;
    let isClosed = false;
    onRequest = async (request) => {
      const closed = once(request.socket, "close");
      process.kill(pid, signal);
      await closed;
      isClosed = true;
    };
    const { code, stdout, stderr } = await runTda([...compute, "--server", url], folder, {
      onStart: (started) => {
        pid = started;
      },
    });
    expect(code, stderr).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toContain("Interrupted");
    await expect.poll(() => isClosed).toBe(true);
  });
});
