import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Dataset } from "@tda-platform/contract/datasets";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { create, created, POINTS } from "../../test/support/datasets.ts";
import { npyRows } from "../../test/support/npy.ts";
import { TestBed } from "../../test/support/test-bed.ts";
import { Keyring } from "../domain/storage/keyring.ts";
import { newId } from "../internal/ids.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
}, 120_000);
afterAll(async () => await bed.end());
afterEach(async () => await bed.endServers());

function form(file: Blob, name: string, fields: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const [key, value] of Object.entries(fields)) data.append(key, value);
  data.append("file", file, name);
  return data;
}

async function storedFiles(): Promise<string[]> {
  const projects = await readdir(bed.blobDir).catch(() => []);
  return (await Promise.all(projects.map((project) => readdir(join(bed.blobDir, project))))).flat();
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

describe("creating", () => {
  it("answers with what the content turned out to be", async () => {
    const server = await bed.server();
    const response = await create(server, POINTS, "?name=triangle");
    expect(response.status).toBe(201);
    const dataset = (await response.json()) as Dataset;
    expect(response.headers.get("location")).toBe(`/v1/datasets/${dataset.id}`);
    expect(dataset).toEqual({
      id: expect.stringMatching(/^ds_/),
      name: "triangle",
      kind: "points",
      rows: 3,
      columns: 2,
      bytes: POINTS.length,
      sha256: sha256(POINTS),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(await (await server.get(`/v1/datasets/${dataset.id}`)).json()).toEqual(dataset);
  });

  it("takes forms, with fields before the file", async () => {
    const server = await bed.server();
    const plain = await created(server, form(new Blob([POINTS]), "cloud.csv"), "", null);
    expect(plain).toMatchObject({ name: "cloud.csv", rows: 3, sha256: sha256(POINTS) });
    const named = form(new Blob(["1\n1,1\n"]), "d.txt", { name: "mine", format: "lower-distance" });
    expect(await created(server, named, "", null)).toMatchObject({
      name: "mine",
      kind: "distances",
      rows: 3,
      columns: 3,
    });
    const path = await created(server, form(new Blob([POINTS], { type: "text/csv" }), "../../etc/x.csv"), "", null);
    expect(path.name).toBe("x.csv");
  });

  it("tells formats by media type, name, or first bytes", async () => {
    const server = await bed.server();
    const npy = npyRows([
      [0, 1],
      [1, 0],
    ]);
    expect(await created(server, npy, "", "application/octet-stream")).toMatchObject({ rows: 2 });
    expect(await created(server, npy, "?input_kind=distances", "application/x-npy")).toMatchObject({
      kind: "distances",
    });
    const parquet = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "x", data: [1.5, 2.5] }] }));
    expect(await created(server, parquet, "", "application/octet-stream")).toMatchObject({ rows: 2, columns: 1 });
    expect(await created(server, form(new Blob([parquet]), "p.bin"), "", null)).toMatchObject({ rows: 2, columns: 1 });
    const unknown = await create(server, "1,2", "", "application/octet-stream");
    expect(unknown.status).toBe(415);
    expect(await unknown.json()).toMatchObject({ code: "unsupported_media_type" });
  });

  it("decompresses", async () => {
    const server = await bed.server();
    const response = await fetch(`${server.url}/v1/datasets`, {
      method: "POST",
      headers: { "content-type": "text/csv", "content-encoding": "gzip" },
      body: gzipSync(POINTS),
    });
    expect(await response.json()).toMatchObject({ bytes: POINTS.length, sha256: sha256(POINTS) });
    const bomb = await fetch(`${server.url}/v1/datasets`, {
      method: "POST",
      headers: { "content-type": "text/csv", "content-encoding": "gzip" },
      body: gzipSync(Buffer.alloc(20_000_000, "1\n")),
    });
    expect([bomb.status, ((await bomb.json()) as { code: string }).code]).toEqual([413, "compression_ratio_exceeded"]);
  });

  it.each([
    ["", "", 422, "validation_failed", "", "no body"],
    ["1,2\n3,x\n", "", 422, "not_a_number", "/points/1/1", "Line 2, column 2"],
    ["1,2\n3\n", "", 422, "ragged_rows", "/points/1", "Line 2"],
    ["0,1\n-1,0\n", "?input_kind=distances", 422, "negative_distance", "/distances/1/0", "Line 2, column 1"],
    ["1,2", "?format=npy", 400, "invalid_npy", undefined, ""],
    ["1,2", "?format=parquet", 400, "invalid_parquet", undefined, ""],
    ["1,2", "?format=arrow", 400, "invalid_arrow", undefined, ""],
    ["1,2", "?colour=red", 422, "unknown_field", "/colour", ""],
    ["1,2", "?format=xlsx", 422, "validation_failed", "/format", ""],
  ])("refuses %j with its place, and keeps nothing", async (body, query, status, code, pointer, detail) => {
    const server = await bed.server();
    const before = await storedFiles();
    const response = await create(server, body, query);
    const problem = (await response.json()) as { code: string; detail: string; errors?: { pointer: string }[] };
    expect([response.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([status, code, pointer]);
    expect(problem.detail).toContain(detail);
    expect(await storedFiles()).toEqual(before);
    expect((await bed.admin.query("select from tda.blobs where state <> 'kept'")).rowCount).toBe(0);
  });

  it("refuses what is too large, before and while it arrives", async () => {
    const server = await bed.server({ env: { TDA_DATASET_LIMIT_BYTES: "100KiB" } });
    const body = "1,2\n".repeat(100_000);
    const told = await create(server, body);
    expect([told.status, ((await told.json()) as { code: string }).code]).toEqual([413, "dataset_too_large"]);
    const untold = await create(server, form(new Blob([body]), "x.csv"), "", null);
    expect([untold.status, ((await untold.json()) as { code: string }).code]).toEqual([413, "dataset_too_large"]);
  });

  it.each([
    ["no file", '--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n'],
    ["no end", '--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\n1,2\r\n'],
    [
      "a field after the file",
      '--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\n1,2\r\n--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n',
    ],
  ])("a form with %s is refused", async (_, body) => {
    const server = await bed.server();
    const response = await create(server, body, "", "multipart/form-data; boundary=b");
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "invalid_form"]);
  });

  it("keeps nothing when the client leaves in between", async () => {
    const server = await bed.server();
    const before = await storedFiles();
    const controller = new AbortController();
    const body = new ReadableStream({
      async start(stream) {
        stream.enqueue(new TextEncoder().encode("1,2\n".repeat(1000)));
        await new Promise((resolve) => setTimeout(resolve, 100));
        controller.abort();
      },
    });
    const headers = { "content-type": "text/csv" };
    const request = { method: "POST", headers, body, duplex: "half", signal: controller.signal } as RequestInit;
    await expect(fetch(`${server.url}/v1/datasets`, request)).rejects.toThrow();
    await expect
      .poll(async () => (await bed.admin.query("select from tda.blobs where state <> 'kept'")).rowCount)
      .toBe(0);
    expect(await storedFiles()).toEqual(before);
  });
});

describe("reading", () => {
  it("lists newest first, by pages", async () => {
    const server = await bed.server();
    const ids = [];
    for (let i = 0; i < 3; i++) ids.unshift((await created(server)).id);
    const first = (await (await server.get("/v1/datasets?limit=2")).json()) as {
      items: Dataset[];
      next_cursor: string;
    };
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = (await (
      await server.get(`/v1/datasets?limit=2&cursor=${first.next_cursor}`)
    ).json()) as typeof first;
    expect(second.items[0]?.id).toBe(ids[2]);
  });

  it("gives the bytes back, as an attachment that nothing runs", async () => {
    const server = await bed.server();
    const { id } = await created(server, POINTS, `?name=${encodeURIComponent('a "b" ü.csv')}`);
    const response = await server.get(`/v1/datasets/${id}/content`, { "accept-encoding": "gzip, br" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(POINTS);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": String(POINTS.length),
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox"),
      "content-disposition": `attachment; filename="a _b_ _.csv"; filename*=UTF-8''a%20%22b%22%20%C3%BC.csv`,
      etag: `"${sha256(POINTS)}"`,
      "accept-ranges": "bytes",
    });
  });

  it("serves ranges", async () => {
    const server = await bed.server();
    const rows = Array.from({ length: 300_000 }, (_, i) => `${i},${i % 7}`).join("\n");
    const { id, bytes } = await created(server, rows);
    expect(bytes).toBeGreaterThan(2 * 1_048_576);
    for (const [range, start, end] of [
      ["bytes=0-9", 0, 10],
      ["bytes=1048570-1048585", 1_048_570, 1_048_586],
      ["bytes=-20", bytes - 20, bytes],
      [`bytes=${bytes - 5}-`, bytes - 5, bytes],
      [`bytes=10-${bytes + 100}`, 10, bytes],
    ] as const) {
      const response = await server.get(`/v1/datasets/${id}/content`, { range });
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${bytes}`);
      expect((await response.text()) === rows.slice(start, end)).toBe(true);
    }
    const beyond = await server.get(`/v1/datasets/${id}/content`, { range: `bytes=${bytes}-` });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${bytes}`]);
    const several = await server.get(`/v1/datasets/${id}/content`, { range: "bytes=0-1,3-4" });
    expect(several.status).toBe(200);
    const stale = await server.get(`/v1/datasets/${id}/content`, { range: "bytes=0-1", "if-range": '"other"' });
    expect(stale.status).toBe(200);
  });

  it("says when nothing changed", async () => {
    const server = await bed.server();
    const { id, sha256: hash } = await created(server);
    const same = await server.get(`/v1/datasets/${id}/content`, { "if-none-match": `"${hash}"` });
    expect([same.status, await same.text()]).toEqual([304, ""]);
    const head = await fetch(`${server.url}/v1/datasets/${id}/content`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(POINTS.length)]);
  });

  it("is encrypted at rest", async () => {
    const server = await bed.server();
    const secret = "123456789.123456789,987654321.987654321\n";
    await created(server, secret);
    const projects = await readdir(bed.blobDir);
    for (const project of projects) {
      for (const file of await readdir(join(bed.blobDir, project))) {
        expect((await readFile(join(bed.blobDir, project, file))).includes("123456789.123456789")).toBe(false);
      }
    }
  });

  it("fails, and shows nothing wrong, when the bytes were changed", async () => {
    const server = await bed.server();
    const { id } = await created(server, npyRows([[1, 2]]), "", "application/x-npy");
    const { rows } = await bed.admin.query("select blob_id, project_id from tda.datasets where id = $1", [id]);
    const path = join(bed.blobDir, rows[0].project_id, rows[0].blob_id);
    const bytes = await readFile(path);
    bytes[20]! ^= 1;
    await writeFile(path, bytes);
    const response = await server.get(`/v1/datasets/${id}/content`);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([500, "internal_error"]);
  });
});

describe("deleting", () => {
  it("removes the record and the bytes", async () => {
    const server = await bed.server();
    const { id } = await created(server, randomRows());
    const files = await storedFiles();
    const response = await fetch(`${server.url}/v1/datasets/${id}`, { method: "DELETE" });
    expect(response.status).toBe(204);
    expect((await storedFiles()).length).toBe(files.length - 1);
    for (const path of [`/v1/datasets/${id}`, `/v1/datasets/${id}/content`])
      expect((await server.get(path)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/datasets/${id}`, { method: "DELETE" })).status).toBe(404);
    expect((await bed.admin.query("select from tda.blobs where state <> 'kept'")).rowCount).toBe(0);
  });

  it("is finished after a crash in between", async () => {
    const server = await bed.server();
    const { id } = await created(server, randomRows());
    const files = await storedFiles();
    // The record is gone and the process with it, before the bytes.
    await bed.database.datasets.delete(bed.database.defaultProjectId, id);
    expect(await storedFiles()).toEqual(files);
    const services = await bed.datasets({ settings: { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 } });
    expect(await services.maintain()).toMatchObject({ removed: 1 });
    expect((await storedFiles()).length).toBe(files.length - 1);
  });

  it("an upload that crashed is swept, once nobody writes to it", async () => {
    const name = { projectId: bed.database.defaultProjectId, id: newId("blob") };
    const services = await bed.datasets({ settings: { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 } });
    await bed.database.blobs.begin(name, bed.keyring.newDataKey("x").wrapped);
    expect(await services.maintain()).toMatchObject({ removed: 0 });
    await bed.admin.query("update tda.blobs set touched_at = now() - interval '1 hour' where id = $1", [name.id]);
    expect(await services.maintain()).toMatchObject({ removed: 1 });
  });
});

describe("a new master key", () => {
  it("takes over without touching the data, and is then enough", async () => {
    const server = await bed.server();
    const { id } = await created(server);
    const file = async () => {
      const { rows } = await bed.admin.query("select project_id, blob_id from tda.datasets where id = $1", [id]);
      return await readFile(join(bed.blobDir, rows[0].project_id, rows[0].blob_id));
    };
    const before = await file();
    const fresh = { id: "fresh", secret: randomBytes(32) };
    const settings = { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 };
    const both = new Keyring([fresh, { id: "test", secret: bed.masterKey.secret }]);
    const report = await (await bed.datasets({ settings, keyring: both })).maintain();
    expect(report.rewrapped).toBeGreaterThan(0);
    expect((await bed.admin.query("select from tda.blobs where master_key_id <> 'fresh'")).rowCount).toBe(0);
    expect((await file()).equals(before)).toBe(true);
    const rotated = await bed.server({ datasets: await bed.datasets({ settings, keyring: new Keyring([fresh]) }) });
    expect(await (await rotated.get(`/v1/datasets/${id}/content`)).text()).toBe(POINTS);
    expect((await server.get(`/v1/datasets/${id}/content`)).status).toBe(500);
    expect(await bed.database.blobMaintenance.missingKeys(["test"])).toEqual(["fresh"]);
    const back = new Keyring([{ id: "test", secret: bed.masterKey.secret }, fresh]);
    await (await bed.datasets({ settings, keyring: back })).maintain();
    expect(await bed.database.blobMaintenance.missingKeys(["test"])).toEqual([]);
  });
});

describe("projects", () => {
  it("see nothing of each other", async () => {
    const server = await bed.server();
    const { id } = await created(server);
    const other = newId("prj");
    await bed.admin.query("insert into tda.projects (id, name, cache_key) values ($1, 'other', $2)", [
      other,
      randomBytes(32),
    ]);
    const { datasets, usage } = await bed.datasets({ settings: { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 } });
    await expect(datasets.find(other, id)).rejects.toMatchObject({ code: "not_found" });
    await expect(datasets.delete(other, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await datasets.list(other, { limit: 10, before: null })).toEqual([]);
    expect(await usage.bytesStored(other)).toBe(0);
    expect(await usage.bytesStored(bed.database.defaultProjectId)).toBeGreaterThanOrEqual(POINTS.length);
  });
});

function randomRows(): string {
  return `${randomBytes(4).readUInt32LE()},1\n`;
}
