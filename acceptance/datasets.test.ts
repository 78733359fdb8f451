import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dataset } from "@tda-platform/contract/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tda } from "./support/command.ts";
import type { Answer, Api } from "./support/http.ts";
import { randomPoints, toCsv, toNpy, unitSquare } from "./support/inputs.ts";
import { externalUrl, type Target, target } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

const csv = { "Content-Type": "text/csv" };
const tus = { "Tus-Resumable": "1.0.0" };
const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

let server: Target;
let api: Api;
beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

async function stored(
  body: string | Uint8Array,
  path = "/v1/datasets",
  headers: Record<string, string> = csv,
): Promise<Dataset> {
  const answer = await api.call(path, { method: "POST", headers, body });
  expect(answer.status, answer.text()).toBe(201);
  return answer.json<Dataset>();
}

const remove = (id: string): Promise<Answer> => api.call(`/v1/datasets/${id}`, { method: "DELETE" });

describe("a dataset", () => {
  it("is what was uploaded, is listed, computed with, given back, and gone when it is deleted", async () => {
    const content = toCsv(unitSquare);
    const answer = await api.call("/v1/datasets?name=square", { method: "POST", headers: csv, body: content });
    expect(answer.status, answer.text()).toBe(201);
    const dataset = answer.json<Dataset>();
    expect(answer.headers.location).toBe(`/v1/datasets/${dataset.id}`);
    expect(Object.keys(dataset)).toEqual(["id", "name", "kind", "rows", "columns", "bytes", "sha256", "created_at"]);
    expect(dataset).toMatchObject({
      name: "square",
      kind: "points",
      rows: 4,
      columns: 2,
      bytes: content.length,
      sha256: sha256(content),
    });
    const list = (await api.call("/v1/datasets?limit=200")).json<{ items: Dataset[] }>();
    expect(list.items).toContainEqual(dataset);
    const direct = computed(await api.compute({ points: unitSquare }));
    const byId = computed(await api.compute({ dataset_id: dataset.id }));
    expect([byId.diagrams, byId.provenance.input_sha256]).toEqual([direct.diagrams, direct.provenance.input_sha256]);
    const given = await api.call(`/v1/datasets/${dataset.id}/content`);
    expect(given.text()).toBe(content);
    expect(given.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      "content-disposition": 'attachment; filename="square"',
    });
    expect((await remove(dataset.id)).status).toBe(204);
    for (const path of [`/v1/datasets/${dataset.id}`, `/v1/datasets/${dataset.id}/content`]) {
      refused(await api.call(path), 404, "not_found");
    }
    refused(await api.compute({ dataset_id: dataset.id }), 404, "not_found");
  });

  it("comes by a form, and by parts", async () => {
    const content = toNpy(randomPoints(500, 3, 7));
    const head =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="cloud.npy"\r\nContent-Type: application/octet-stream\r\n\r\n';
    const form = Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n--b--\r\n")]);
    const byForm = await stored(form, "/v1/datasets", { "Content-Type": "multipart/form-data; boundary=b" });
    expect(byForm).toMatchObject({ name: "cloud.npy", rows: 500, columns: 3, sha256: sha256(content) });
    const begun = await api.call("/v1/uploads", {
      method: "POST",
      headers: { ...tus, "Upload-Length": content.length },
    });
    expect(begun.status, begun.text()).toBe(201);
    const path = begun.headers.location!;
    let last: Answer | undefined;
    for (let offset = 0; offset < content.length; offset += 5_000) {
      last = await api.call(path, {
        method: "PATCH",
        headers: { ...tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset },
        body: content.subarray(offset, offset + 5_000),
      });
      expect(last.status, last.text()).toBe(204);
    }
    const id = String(last?.headers["upload-dataset-id"]);
    expect((await api.call(`/v1/datasets/${id}`)).json()).toMatchObject({ rows: 500, sha256: sha256(content) });
    for (const one of [byForm.id, id]) expect((await remove(one)).status).toBe(204);
  });

  it("is read by ranges", async () => {
    const content = toCsv(randomPoints(60_000, 3, 11));
    const { id } = await stored(content);
    const middle = await api.call(`/v1/datasets/${id}/content`, { headers: { Range: "bytes=1048570-1048589" } });
    expect([middle.status, middle.text()]).toEqual([206, content.slice(1_048_570, 1_048_590)]);
    const { etag } = middle.headers;
    const again = await api.call(`/v1/datasets/${id}/content`, { headers: { "If-None-Match": etag! } });
    expect(again.status).toBe(304);
    refused(
      await api.call(`/v1/datasets/${id}/content`, { headers: { Range: "bytes=99999999-" } }),
      416,
      "range_not_satisfiable",
    );
    await remove(id);
  });

  it("that is wrong is refused with the place of the first bad value", async () => {
    const answer = await api.call("/v1/datasets", { method: "POST", headers: csv, body: "x,y\n0,0\n1,one\n" });
    const problem = refused(answer, 422, "not_a_number");
    expect(problem.detail).toContain("Line 3, column 2");
    expect(problem.errors?.[0]?.pointer).toBe("/points/1/1");
  });
});

describe.skipIf(externalUrl !== undefined)("tda datasets", () => {
  const folder = mkdtempSync(join(tmpdir(), "tda-acceptance-datasets-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => tda(["datasets", ...args], { TDA_SERVER_URL: api.url });

  it("uploads, lists, shows, downloads and deletes, by parts where a file is large", async () => {
    const path = join(folder, "cloud.csv");
    const content = "1.25,2.5,3.75\n".repeat(1_500_000);
    writeFileSync(path, content);
    const uploaded = await run("upload", path, "--json");
    expect(uploaded.code, uploaded.stderr).toBe(0);
    const dataset = JSON.parse(uploaded.stdout) as Dataset;
    expect(dataset).toMatchObject({ name: "cloud.csv", rows: 1_500_000, columns: 3, sha256: sha256(content) });
    expect((await run("list")).stdout).toContain(dataset.id);
    expect(JSON.parse((await run("show", dataset.id, "--json")).stdout)).toEqual(dataset);
    const copy = join(folder, "copy.csv");
    const downloaded = await run("download", dataset.id, "--output", copy);
    expect(downloaded.code, downloaded.stderr).toBe(0);
    expect(sha256(readFileSync(copy))).toBe(dataset.sha256);
    expect((await run("delete", dataset.id)).code).toBe(0);
    const gone = await run("show", dataset.id);
    expect([gone.code, gone.stdout]).toEqual([1, ""]);
    expect(gone.stderr).toContain("not_found");
  });
});
