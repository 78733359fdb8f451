import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer } from "../../test/support/test-bed.ts";
import { FolderBlobStore } from "../adapters/blobs/folder-store.ts";
import { silent } from "../adapters/database/testing/records.ts";
import { DiskGuard } from "../adapters/disk/disk-guard.ts";

const MiB = 1_048_576;
const settings = { datasetLimitBytes: 1e9, uploadExpirySeconds: 60 };
let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
}, 120_000);
afterAll(async () => await bed.end());
afterEach(async () => await bed.endServers());

const csv = { method: "POST", headers: { "content-type": "text/csv" } };
const send = (server: TestServer, body: string) => fetch(`${server.url}/v1/datasets`, { ...csv, body });
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

describe("with only the reserve left", () => {
  it("what stores is refused before its body is read; reading and deleting work", async () => {
    const roomy = await bed.server();
    const { id } = (await (await send(roomy, "1,2\n")).json()) as { id: string };
    const disk = await DiskGuard.start({ dir: bed.blobDir, reserveBytes: 2 ** 60, ballastBytes: 0, logger: silent });
    const server = await bed.server({ datasets: await bed.datasets({ settings, disk }) });
    expect(await codeOf(await send(server, "1,2\n"))).toEqual([507, "insufficient_storage"]);
    const upload = await fetch(`${server.url}/v1/uploads`, {
      method: "POST",
      headers: { "tus-resumable": "1.0.0", "upload-length": "4" },
    });
    expect(await codeOf(upload)).toEqual([507, "insufficient_storage"]);
    expect(await codeOf(await server.post({ points: [[0]] }))).toEqual([507, "insufficient_storage"]);
    expect((await server.post({ points: [[0]] }, {}, "/v1/compute/estimate")).status).toBe(200);
    expect(await (await server.get(`/v1/datasets/${id}/content`)).text()).toBe("1,2\n");
    expect((await fetch(`${server.url}/v1/datasets/${id}`, { method: "DELETE" })).status).toBe(204);
    await disk.close();
  });

  it("what is known not to fit is refused at once", async () => {
    const { bavail, bsize } = await statfs(bed.blobDir);
    const reserveBytes = bavail * bsize - 512 * MiB;
    const disk = await DiskGuard.start({ dir: bed.blobDir, reserveBytes, ballastBytes: 0, logger: silent });
    const server = await bed.server({
      datasets: await bed.datasets({ settings: { ...settings, datasetLimitBytes: 2 ** 40 }, disk }),
    });
    expect((await send(server, "1,2\n")).status).toBe(201);
    const headers = { "tus-resumable": "1.0.0", "upload-length": String(2 ** 39) };
    const upload = await fetch(`${server.url}/v1/uploads`, { method: "POST", headers });
    expect(await codeOf(upload)).toEqual([507, "insufficient_storage"]);
    await disk.close();
  });
});

const mounted = mkdtempSync("/tmp/tda-test-full-");
const canMount =
  process.getuid?.() === 0 &&
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", mounted]).status === 0;
afterAll(() => {
  if (canMount) spawnSync("umount", [mounted]);
  spawnSync("rmdir", [mounted]);
});

describe.runIf(canMount)("on a disk of 4 MiB that is full all the same", () => {
  it("an upload is refused, leaves nothing, and deleting makes room", async () => {
    const store = await FolderBlobStore.open(join(mounted, "blobs"));
    const server = await bed.server({ datasets: await bed.datasets({ settings, store }) });
    const rows = "1.25,2.5\n".repeat(250_000);
    const first = (await (await send(server, rows)).json()) as { id: string };
    expect(first.id).toMatch(/^ds_/);
    expect(await codeOf(await send(server, rows))).toEqual([507, "insufficient_storage"]);
    expect((await bed.admin.query("select from tda.blobs where state <> 'kept'")).rowCount).toBe(0);
    expect((await server.get(`/v1/datasets/${first.id}`)).status).toBe(200);
    expect((await fetch(`${server.url}/v1/datasets/${first.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await send(server, rows)).status).toBe(201);
  });
});
