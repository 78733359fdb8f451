import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BlobMissing, type BlobName, type BlobStore, type ByteRange } from "../../../domain/storage/blob-store.ts";
import { newId } from "../../../internal/ids.ts";

export interface OpenedStore {
  readonly store: BlobStore;
  close(): Promise<void>;
}

/** What every blob store does, whatever it keeps its objects in. */
export function itIsABlobStore(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: BlobStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  }, 180_000);
  afterAll(async () => await opened?.close());

  const newName = (projectId: string = newId("prj")): BlobName => ({ projectId, id: newId("blob") });

  it.each([0, 1, 100_000, 8 * 1_048_576, 20 * 1_048_576 + 3])("keeps %i bytes", async (length) => {
    const name = newName();
    const content = randomBytes(length);
    expect(await store.put(name, pieces(content))).toBe(length);
    expect((await read(store, name)).equals(content)).toBe(true);
    expect(await store.stat(name)).toEqual({ bytes: length });
    await store.delete(name);
  });

  it("reads ranges", async () => {
    const name = newName();
    const content = randomBytes(700_001);
    await store.put(name, pieces(content));
    for (const [start, end] of [
      [0, 1],
      [0, content.length],
      [262_143, 262_145],
      [content.length - 1, content.length],
      [300_000, 700_001],
    ] as const) {
      const part = await read(store, name, { start, end });
      expect(part.equals(content.subarray(start, end))).toBe(true);
    }
    expect(await read(store, name, { start: 5, end: 5 })).toHaveLength(0);
    expect(await read(store, name, { start: 700_000, end: 800_000 })).toHaveLength(1);
    expect(await read(store, name, { start: 700_001, end: 800_000 })).toHaveLength(0);
    await store.delete(name);
  });

  it("a second put replaces the first", async () => {
    const name = newName();
    await store.put(name, pieces(Buffer.from("first and longer")));
    await store.put(name, pieces(Buffer.from("second")));
    expect((await read(store, name)).toString()).toBe("second");
    await store.delete(name);
  });

  it("knows what is not there", async () => {
    const name = newName();
    expect(await store.stat(name)).toBeNull();
    await expect(read(store, name)).rejects.toThrow(BlobMissing);
    await expect(store.delete(name)).resolves.toBeUndefined();
  });

  it("really deletes", async () => {
    const name = newName();
    const neighbour = newName(name.projectId);
    await store.put(name, pieces(randomBytes(1000)));
    await store.put(neighbour, pieces(Buffer.from("stays")));
    await store.delete(name);
    expect(await store.stat(name)).toBeNull();
    await expect(read(store, name)).rejects.toThrow(BlobMissing);
    expect((await read(store, neighbour)).toString()).toBe("stays");
    await store.delete(neighbour);
  });

  it.each([10, 12 * 1_048_576])("content that fails after %i bytes leaves nothing", async (length) => {
    const name = newName();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* pieces(randomBytes(length));
      throw new Error("the content failed");
    }
    await expect(store.put(name, failing())).rejects.toThrow("the content failed");
    expect(await store.stat(name)).toBeNull();
    await store.delete(name);
  });

  it("puts and reads at the same time", async () => {
    const projectId = newId("prj");
    const contents = Array.from({ length: 8 }, () => randomBytes(200_000));
    const names = contents.map(() => newName(projectId));
    await Promise.all(contents.map((content, i) => store.put(names[i]!, pieces(content))));
    const reads = await Promise.all(names.map((name) => read(store, name)));
    for (const [i, content] of contents.entries()) expect(reads[i]!.equals(content)).toBe(true);
    await Promise.all(names.map((name) => store.delete(name)));
  });

  it("takes no name but identifiers", async () => {
    const { projectId, id } = newName();
    for (const name of [
      { projectId: "..", id },
      { projectId, id: "../../etc/passwd" },
      { projectId: `${projectId}/x`, id },
      { projectId, id: `${id}\0` },
      { projectId, id: "" },
    ]) {
      await expect((async () => store.put(name, pieces(Buffer.alloc(1))))()).rejects.toThrow(RangeError);
      await expect((async () => read(store, name))()).rejects.toThrow(RangeError);
      await expect((async () => store.delete(name))()).rejects.toThrow(RangeError);
    }
  });

  it("answers a check", async () => {
    await expect(store.check()).resolves.toBeUndefined();
  });
}

export async function* pieces(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function read(store: BlobStore, name: BlobName, range?: ByteRange): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of Readable.from(store.get(name, range))) parts.push(Uint8Array.from(piece));
  return Buffer.concat(parts);
}
