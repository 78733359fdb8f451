import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { type S3Server, type Services, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { newId } from "../../internal/ids.ts";
import { createLogger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";
import { type TemporaryDir, temporaryDir } from "../database/testing/temporary-dir.ts";
import { CircuitBlobStore } from "./circuit-store.ts";
import { FolderBlobStore } from "./folder-store.ts";
import { S3BlobStore, type S3Options } from "./s3-store.ts";
import { itIsABlobStore, pieces } from "./testing/conformance.ts";

const silent = createLogger({ level: "silent", format: "json" });

describe("a folder", () => {
  itIsABlobStore(async () => {
    const dir = await temporaryDir();
    return { store: await FolderBlobStore.open(join(dir.path, "blobs")), close: () => dir.remove() };
  });

  describe("of its own", () => {
    let dir: TemporaryDir;
    beforeAll(async () => {
      dir = await temporaryDir();
    });
    afterAll(async () => await dir.remove());

    it("is closed to other users, and so are its files", async () => {
      const store = await FolderBlobStore.open(join(dir.path, "closed"));
      const name = { projectId: newId("prj"), id: newId("blob") };
      await store.put(name, pieces(Buffer.from("x")));
      const modes = await Promise.all(
        [["closed"], ["closed", name.projectId], ["closed", name.projectId, name.id]].map(async (parts) =>
          ((await stat(join(dir.path, ...parts))).mode & 0o777).toString(8),
        ),
      );
      expect(modes).toEqual(["700", "700", "600"]);
    });

    it("loses what a put left that did not end, by the next put or delete", async () => {
      const store = await FolderBlobStore.open(join(dir.path, "drafts"));
      const name = { projectId: newId("prj"), id: newId("blob") };
      const folder = join(dir.path, "drafts", name.projectId);
      await store.put(name, pieces(Buffer.from("x")));
      await writeFile(join(folder, `${name.id}.draft`), "half");
      await store.put(name, pieces(Buffer.from("y")));
      expect(await readdir(folder)).toEqual([name.id]);
      await writeFile(join(folder, `${name.id}.draft`), "half");
      await store.delete(name);
      expect(await readdir(join(dir.path, "drafts"))).toEqual([]);
    });

    it("refuses a path that is something else", async () => {
      await writeFile(join(dir.path, "file"), "");
      await expect(FolderBlobStore.open(join(dir.path, "file"))).rejects.toThrow(StartError);
    });
  });
});

describe("S3", () => {
  let services: Services<{ s3: true }>;
  beforeAll(async () => {
    services = await startServices({ s3: true });
  }, 180_000);
  afterAll(async () => await services?.stop());

  itIsABlobStore(async () => {
    const store = new CircuitBlobStore(new S3BlobStore(optionsOf(services.s3)), silent);
    return { store, close: () => store.close() };
  });

  it("leaves no parts of a put that failed", async () => {
    const store = new S3BlobStore(optionsOf(services.s3));
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* pieces(Buffer.alloc(20 * 1_048_576));
      throw new Error("the content failed");
    }
    const put = store.put({ projectId: newId("prj"), id: newId("blob") }, failing());
    await expect(put).rejects.toThrow("the content failed");
    const { endpoint, credentials, region, bucket } = optionsOf(services.s3);
    const client = new S3Client({ endpoint: endpoint!, credentials: credentials!, region, forcePathStyle: true });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads).toEqual([]);
    client.destroy();
    await store.close();
  });

  it("behind its circuit is refused at once after five failures, and is found again", async () => {
    const store = new CircuitBlobStore(new S3BlobStore(optionsOf(services.s3)), silent);
    const name = { projectId: newId("prj"), id: newId("blob") };
    await store.put(name, pieces(Buffer.from("kept")));
    await services.s3.kill();
    while (store.state !== "open") await expect(store.stat(name)).rejects.toThrow(DependencyUnavailable);
    let asked = false;
    async function* content(): AsyncGenerator<Uint8Array> {
      asked = true;
      yield Buffer.from("x");
    }
    await expect(store.put(name, content())).rejects.toThrow("does not answer");
    expect(asked).toBe(false);
    await services.s3.restart();
    await expect.poll(() => store.state, { timeout: 20_000 }).toBe("closed");
    await store.put(name, pieces(Buffer.from("again")));
    expect((await Array.fromAsync(store.get(name))).toString()).toBe("again");
    await store.close();
  });

  it("says that it is unavailable when nobody answers, or there is no such bucket", async () => {
    const name = { projectId: newId("prj"), id: newId("blob") };
    const gone = new S3BlobStore({ ...optionsOf(services.s3), endpoint: "http://127.0.0.1:9" });
    await expect(gone.check()).rejects.toThrow(DependencyUnavailable);
    await expect(gone.put(name, pieces(Buffer.alloc(10)))).rejects.toThrow(DependencyUnavailable);
    const other = new S3BlobStore({ ...optionsOf(services.s3), bucket: "no-such-bucket" });
    await expect(other.check()).rejects.toThrow(DependencyUnavailable);
    await expect(other.put(name, pieces(Buffer.alloc(10)))).rejects.toThrow(DependencyUnavailable);
    await Promise.all([gone.close(), other.close()]);
  });
});

function optionsOf({ endpoint, region, bucket, accessKeyId, secretAccessKey }: S3Server): S3Options {
  return { endpoint, region, bucket, isPathStyle: true, credentials: { accessKeyId, secretAccessKey } };
}
