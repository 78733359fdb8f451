import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createClient, ProblemError, type UploadSource } from "./index.ts";

const MiB = 1_048_576;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = { status: number; headers?: Record<string, string>; body?: unknown } | "break";

/** A server of the upload protocol that answers as it is told to, and remembers what it was sent. */
async function serverOf(answer: (request: IncomingMessage, body: Buffer) => Answer): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const given = answer(request, Buffer.concat(chunks));
    if (given === "break") return void request.socket.destroy();
    const type = given.status < 400 ? "application/json" : "application/problem+json";
    response.writeHead(given.status, { "content-type": type, ...given.headers });
    response.end(given.body === undefined ? "" : JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function source(content: Uint8Array<ArrayBuffer>): UploadSource {
  return { size: content.length, read: async (start, end) => content.slice(start, end) };
}

describe("datasets", () => {
  it("go at once when they are small", async () => {
    const seen: string[] = [];
    const baseUrl = await serverOf((request, body) => {
      seen.push(`${request.method} ${request.url} ${request.headers["content-type"]} ${body}`);
      return { status: 201, body: { id: "ds_1" } };
    });
    const { datasets } = createClient({ baseUrl });
    const content = new TextEncoder().encode("1,2\n");
    expect(await datasets.upload(source(content), { name: "a b", format: "csv" })).toEqual({ id: "ds_1" });
    expect(seen).toEqual(["POST /v1/datasets?name=a+b&format=csv application/octet-stream 1,2\n"]);
  });

  it("go by parts when they are large, and on from where they stand after a break", async () => {
    const content = new Uint8Array(40 * MiB).map((_, i) => i % 251);
    const arrived: Buffer[] = [];
    let breaks = 1;
    let metadata = "";
    const offset = () => arrived.reduce((sum, part) => sum + part.length, 0);
    const baseUrl = await serverOf((request, body) => {
      if (request.method === "POST") {
        metadata = String(request.headers["upload-metadata"]);
        return { status: 201, headers: { location: "/v1/uploads/upl_1" } };
      }
      if (request.method === "GET") return { status: 200, body: { id: "ds_2" } };
      if (request.method === "HEAD") return { status: 200, headers: { "upload-offset": String(offset()) } };
      expect(Number(request.headers["upload-offset"])).toBe(offset());
      if (breaks-- > 0) {
        arrived.push(body.subarray(0, 1000));
        return "break";
      }
      arrived.push(body);
      const done: Record<string, string> = offset() === content.length ? { "upload-dataset-id": "ds_2" } : {};
      return { status: 204, headers: { "upload-offset": String(offset()), ...done } };
    });
    const progress: number[] = [];
    const { datasets } = createClient({ baseUrl });
    const dataset = await datasets.upload(
      source(content),
      { name: "ü" },
      { onProgress: (bytes) => progress.push(bytes) },
    );
    expect(dataset).toEqual({ id: "ds_2" });
    expect(Buffer.concat(arrived).equals(content)).toBe(true);
    expect(progress.at(-1)).toBe(content.length);
    expect(metadata).toBe(`name ${Buffer.from("ü").toString("base64")}`);
  });

  it("are not tried again when their content is wrong", async () => {
    let patches = 0;
    const baseUrl = await serverOf((request) => {
      if (request.method === "POST") return { status: 201, headers: { location: "/v1/uploads/upl_1" } };
      patches++;
      const body = {
        type: "",
        title: "",
        status: 422,
        detail: "wrong",
        instance: "",
        code: "not_a_number",
        request_id: "r",
      };
      return { status: 422, body };
    });
    const { datasets } = createClient({ baseUrl });
    await expect(datasets.upload(source(new Uint8Array(17 * MiB)))).rejects.toThrow(ProblemError);
    expect(patches).toBe(1);
  });

  it("come back as a stream", async () => {
    const baseUrl = await serverOf((request) =>
      request.url === "/v1/datasets/ds_1/content"
        ? { status: 200, body: "content" }
        : {
            status: 404,
            body: { type: "", title: "", status: 404, detail: "", instance: "", code: "not_found", request_id: "r" },
          },
    );
    const { datasets } = createClient({ baseUrl });
    expect(await new Response(await datasets.download("ds_1")).json()).toBe("content");
    await expect(datasets.download("ds_2")).rejects.toMatchObject({ code: "not_found" });
  });
});
