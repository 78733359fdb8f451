import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer } from "../../test/support/test-bed.ts";
import { FolderBlobStore } from "../adapters/blobs/folder-store.ts";
import { BlobWriter } from "../domain/datasets/blob-writer.ts";
import { UNLIMITED_DISK } from "../domain/datasets/disk-space.ts";
import { SealedBlobs } from "../domain/storage/sealed-blobs.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
}, 120_000);
afterAll(async () => await bed.end());
afterEach(async () => await bed.endServers());

type Body = NonNullable<RequestInit["body"]>;

const CONTENT = "x,y\n0,0\n1,0\n0.5,1\n";
const TUS = { "tus-resumable": "1.0.0" };
const BYTES = { "content-type": "application/offset+octet-stream" };
const base64 = (text: string): string => Buffer.from(text).toString("base64");

async function begin(
  server: TestServer,
  length: number,
  headers: Record<string, string> = {},
  body?: Body,
): Promise<Response> {
  const metadata = `filename ${base64("cloud.csv")}`;
  return await fetch(`${server.url}/v1/uploads`, {
    method: "POST",
    headers: { ...TUS, "upload-length": String(length), "upload-metadata": metadata, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

async function begun(server: TestServer, length: number, headers: Record<string, string> = {}): Promise<string> {
  const response = await begin(server, length, headers);
  expect(response.status, await response.clone().text()).toBe(201);
  return response.headers.get("location")!;
}

async function patch(
  server: TestServer,
  path: string,
  offset: number,
  body: Body,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(server.url + path, {
    method: "PATCH",
    headers: { ...TUS, ...BYTES, "upload-offset": String(offset), ...headers },
    body,
  });
}

async function head(server: TestServer, path: string): Promise<Response> {
  return await fetch(server.url + path, { method: "HEAD", headers: TUS });
}

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
];

async function storedFiles(): Promise<number> {
  const projects = await readdir(bed.blobDir).catch(() => []);
  return (await Promise.all(projects.map((project) => readdir(join(bed.blobDir, project))))).flat().length;
}

describe("an upload", () => {
  it("in parts becomes the dataset that a single upload would", async () => {
    const server = await bed.server();
    const before = await storedFiles();
    const path = await begun(server, CONTENT.length);
    expect(path).toMatch(/^\/v1\/uploads\/upl_/);
    const first = await patch(server, path, 0, CONTENT.slice(0, 7));
    expect([first.status, first.headers.get("upload-offset"), first.headers.get("tus-resumable")]).toEqual([
      204,
      "7",
      "1.0.0",
    ]);
    const state = await head(server, path);
    expect([state.status, state.headers.get("upload-offset"), state.headers.get("upload-length")]).toEqual([
      200,
      "7",
      "18",
    ]);
    expect(state.headers.get("cache-control")).toBe("no-store");
    expect(state.headers.get("upload-metadata")).toBe(`filename ${base64("cloud.csv")}`);
    const last = await patch(server, path, 7, CONTENT.slice(7));
    expect([last.status, last.headers.get("upload-offset")]).toEqual([204, "18"]);
    const id = last.headers.get("upload-dataset-id")!;
    expect(await (await server.get(`/v1/datasets/${id}`)).json()).toMatchObject({
      name: "cloud.csv",
      rows: 3,
      columns: 2,
      bytes: CONTENT.length,
      sha256: createHash("sha256").update(CONTENT).digest("hex"),
    });
    expect(await (await server.get(`/v1/datasets/${id}/content`)).text()).toBe(CONTENT);
    expect(await (await server.get(path)).json()).toMatchObject({
      state: "finished",
      dataset_id: id,
      offset: 18,
      problem: null,
    });
    // Of the parts nothing stays.
    expect(await storedFiles()).toBe(before + 1);
  });

  it("may come with its creation, and be empty", async () => {
    const server = await bed.server();
    const whole = await begin(server, CONTENT.length, BYTES, CONTENT);
    expect([whole.status, whole.headers.get("upload-offset")]).toEqual([201, "18"]);
    expect(whole.headers.get("upload-dataset-id")).toMatch(/^ds_/);
    const empty = await begin(server, 0);
    expect([empty.status, empty.headers.get("upload-offset")]).toEqual([201, "0"]);
    expect(empty.headers.get("upload-dataset-id")).toMatch(/^ds_/);
  });

  it("tells what it can", async () => {
    const server = await bed.server({ env: { TDA_DATASET_LIMIT_BYTES: "1MiB" } });
    const response = await fetch(`${server.url}/v1/uploads`, { method: "OPTIONS" });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "tus-version": "1.0.0",
      "tus-max-size": "1048576",
      "tus-extension": expect.stringContaining("creation"),
      "tus-checksum-algorithm": expect.stringContaining("sha1"),
    });
    expect(await codeOf(await begin(server, 2_000_000))).toEqual([413, "dataset_too_large"]);
  });

  it("keeps what arrived when the connection breaks", async () => {
    const server = await bed.server();
    const rows = "1.5,2.5\n".repeat(200_000);
    const path = await begun(server, rows.length);
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write(
          `PATCH ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: ${rows.length}\r\n\r\n`,
        );
        socket.write(rows.slice(0, 1_200_000), () => setTimeout(() => socket.destroy(), 300));
      });
      socket.on("close", () => resolve());
    });
    await expect.poll(async () => Number((await head(server, path)).headers.get("upload-offset"))).toBeGreaterThan(0);
    const offset = Number((await head(server, path)).headers.get("upload-offset"));
    expect(offset).toBeLessThanOrEqual(1_200_000);
    const rest = await patch(server, path, offset, rows.slice(offset));
    expect([rest.status, rest.headers.get("upload-offset")]).toEqual([204, String(rows.length)]);
    const dataset = await (await server.get(`/v1/datasets/${rest.headers.get("upload-dataset-id")}`)).json();
    expect(dataset).toMatchObject({ rows: 200_000, sha256: createHash("sha256").update(rows).digest("hex") });
  });

  it("lets a newer request take over from one that hangs", async () => {
    const server = await bed.server();
    const path = await begun(server, CONTENT.length);
    const hanging = connect(server.port, "127.0.0.1");
    hanging.on("error", () => undefined);
    hanging.write(
      `PATCH ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: ${CONTENT.length}\r\n\r\n`,
    );
    await expect
      .poll(async () => (await bed.admin.query("select from tda.uploads where lease_token is not null")).rowCount)
      .toBe(1);
    const response = await patch(server, path, 0, CONTENT);
    expect([response.status, response.headers.get("upload-offset")]).toEqual([204, "18"]);
    hanging.destroy();
  });

  it("is written by one server at a time, and by the next once a lease is over", async () => {
    const server = await bed.server();
    const path = await begun(server, CONTENT.length);
    await bed.admin.query(
      "update tda.uploads set lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour' where id = $1",
      [path.split("/").at(-1)],
    );
    expect(await codeOf(await patch(server, path, 0, CONTENT))).toEqual([423, "upload_locked"]);
    await bed.admin.query("update tda.uploads set lease_until = now() - interval '1 second' where id = $1", [
      path.split("/").at(-1),
    ]);
    expect((await patch(server, path, 0, CONTENT)).status).toBe(204);
  });

  it("that is wrong fails with its place, and stays so", async () => {
    const server = await bed.server();
    const path = await begun(server, 8);
    await patch(server, path, 0, "1,2\n");
    const response = await patch(server, path, 4, "3,x\n");
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "not_a_number", errors: [{ pointer: "/points/1/1" }] });
    expect(await (await server.get(path)).json()).toMatchObject({
      state: "failed",
      problem: { code: "not_a_number", errors: [{ pointer: "/points/1/1" }] },
    });
  });

  it("ends by DELETE", async () => {
    const server = await bed.server();
    const before = await storedFiles();
    const path = await begun(server, CONTENT.length);
    await patch(server, path, 0, CONTENT.slice(0, 5));
    expect(await storedFiles()).toBe(before + 1);
    expect((await fetch(server.url + path, { method: "DELETE", headers: TUS })).status).toBe(204);
    expect(await storedFiles()).toBe(before);
    expect((await head(server, path)).status).toBe(404);
    expect((await patch(server, path, 5, CONTENT.slice(5))).status).toBe(404);
  });

  it("expires", async () => {
    const server = await bed.server();
    const before = await storedFiles();
    const path = await begun(server, CONTENT.length);
    await patch(server, path, 0, CONTENT.slice(0, 5));
    await bed.admin.query("update tda.uploads set expires_at = now() - interval '1 second' where id = $1", [
      path.split("/").at(-1),
    ]);
    expect((await head(server, path)).status).toBe(404);
    const services = await bed.datasets({ settings: { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 } });
    expect(await services.maintain()).toMatchObject({ expired: 1 });
    expect(await storedFiles()).toBe(before);
  });

  it("that has arrived is finished by another server after a crash", async () => {
    const server = await bed.server();
    const path = await begun(server, CONTENT.length);
    const id = path.split("/").at(-1);
    await patch(server, path, 0, CONTENT.slice(0, 5));
    // The last part is recorded, and the process gone before it could make the dataset.
    const { uploads, blobs } = bed.database;
    const services = await bed.datasets({ settings: { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 } });
    const project = bed.database.defaultProjectId;
    const token = "01890a5d-ac96-774b-bcce-b302099a8057";
    await uploads.lease(project, id!, token, 1);
    const sealed = new SealedBlobs(await FolderBlobStore.open(bed.blobDir), bed.keyring);
    async function* rest(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(CONTENT.slice(5));
    }
    const blob = await new BlobWriter(sealed, blobs, UNLIMITED_DISK).write(project, rest());
    expect(await uploads.append(project, id!, token, { blob, bytes: blob.bytes })).toMatchObject({
      state: "processing",
    });
    await bed.admin.query("update tda.uploads set lease_until = now() - interval '2 minutes' where id = $1", [id]);
    expect(await services.maintain()).toMatchObject({ finished: 1 });
    expect(await (await server.get(path)).json()).toMatchObject({
      state: "finished",
      dataset_id: expect.stringMatching(/^ds_/),
    });
  });
});

describe("a request", () => {
  it.each([
    ["of no version", { "tus-resumable": "0.9" }, 412, "tus_version_not_supported"],
    ["without a length", { "upload-length": "" }, 422, "validation_failed"],
    ["of a length to be told later", { "upload-defer-length": "1" }, 422, "not_supported"],
    ["of broken metadata", { "upload-metadata": "a b c" }, 422, "validation_failed"],
    ["of an unknown format", { "upload-metadata": `format ${base64("xlsx")}` }, 422, "validation_failed"],
  ])("%s is refused", async (_, headers, status, code) => {
    const server = await bed.server();
    const response = await begin(server, 10, headers as Record<string, string>);
    expect(response.headers.get("tus-resumable")).toBe("1.0.0");
    expect(await codeOf(response)).toEqual([status, code]);
  });

  it("goes on only where the upload stands, and no further than its end", async () => {
    const server = await bed.server();
    const path = await begun(server, 10);
    const elsewhere = await patch(server, path, 3, "abc");
    expect(elsewhere.headers.get("upload-offset")).toBe("0");
    expect(await codeOf(elsewhere)).toEqual([409, "upload_offset_mismatch"]);
    expect(await codeOf(await patch(server, path, 0, "1,2\n1,2\n1,2\n"))).toEqual([422, "upload_length_exceeded"]);
    expect((await head(server, path)).headers.get("upload-offset")).toBe("0");
    expect(await codeOf(await patch(server, path, 0, "1", { "content-type": "text/csv" }))).toEqual([
      415,
      "unsupported_media_type",
    ]);
  });

  it("is kept only if its checksum is right", async () => {
    const server = await bed.server();
    const path = await begun(server, 10);
    const sum = (text: string): string => `sha1 ${createHash("sha1").update(text).digest("base64")}`;
    expect(await codeOf(await patch(server, path, 0, "1,2\n", { "upload-checksum": sum("1,3\n") }))).toEqual([
      460,
      "upload_checksum_mismatch",
    ]);
    expect((await head(server, path)).headers.get("upload-offset")).toBe("0");
    expect((await patch(server, path, 0, "1,2\n", { "upload-checksum": sum("1,2\n") })).status).toBe(204);
    expect(await codeOf(await patch(server, path, 4, "1", { "upload-checksum": "crc32 AAAA" }))).toEqual([
      422,
      "validation_failed",
    ]);
  });

  it("reserves what it will store", async () => {
    const server = await bed.server();
    const usage = () => bed.database.datasets.bytesStored(bed.database.defaultProjectId);
    const before = await usage();
    const path = await begun(server, 1_000_000);
    expect((await usage()) - before).toBe(1_000_000);
    await fetch(server.url + path, { method: "DELETE", headers: TUS });
    expect(await usage()).toBe(before);
  });
});
