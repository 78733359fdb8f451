import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlobName, BlobStore, ByteRange } from "./blob-store.ts";
import { FRAME_BYTES, FRAME_OVERHEAD_BYTES, storedBytes } from "./frames.ts";
import { DataCorrupt, Keyring } from "./keyring.ts";
import { type SealedBlob, SealedBlobs } from "./sealed-blobs.ts";

const uuid = "01890a5d-ac96-774b-bcce-b302099a8057";
const name: BlobName = { projectId: `prj_${uuid}`, id: `blob_${uuid}` };
const STORED_FRAME = FRAME_BYTES + FRAME_OVERHEAD_BYTES;
const keyring = new Keyring([{ id: "k", secret: randomBytes(32) }]);

/** An attacker's store: it holds what it is given and gives what it is told to. */
class OpenStore implements BlobStore {
  readonly kind = "folder";
  stored = Buffer.alloc(0);
  readonly asked: (ByteRange | undefined)[] = [];

  async put(_name: BlobName, content: AsyncIterable<Uint8Array>): Promise<number> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    this.stored = Buffer.concat(pieces);
    return this.stored.length;
  }

  get(_name: BlobName, range?: ByteRange): AsyncIterable<Uint8Array> {
    this.asked.push(range);
    const part = this.stored.subarray(range?.start, range?.end);
    return Readable.from(part.length === 0 ? [] : chunked(part, 100_003));
  }

  async delete(): Promise<void> {}
  async stat(): Promise<{ bytes: number }> {
    return { bytes: this.stored.length };
  }
  async check(): Promise<void> {}
  async close(): Promise<void> {}
}

function* chunked(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function write(
  content: Uint8Array,
  pieceBytes = 65_536,
): Promise<{ store: OpenStore; blob: SealedBlob; blobs: SealedBlobs }> {
  const store = new OpenStore();
  const blobs = new SealedBlobs(store, keyring);
  const key = blobs.newKey(name);
  const bytes = await blobs.write(name, key, Readable.from(chunked(content, pieceBytes)));
  return { store, blobs, blob: { ...name, key: key.wrapped, bytes } };
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("sealed blobs", () => {
  it.each([0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, 3 * FRAME_BYTES + 17])(
    "%i bytes come back as they went in",
    async (length) => {
      const content = randomBytes(length);
      const { store, blobs, blob } = await write(content);
      expect(blob.bytes).toBe(length);
      expect(store.stored.length).toBe(storedBytes(length));
      expect((await readAll(blobs.read(blob))).equals(content)).toBe(true);
    },
  );

  it("reads any range, and only the frames that it needs", async () => {
    const content = randomBytes(3 * FRAME_BYTES + 1000);
    const { store, blobs, blob } = await write(content, 1_500_000);
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.nat(2 * FRAME_BYTES), async (start, length) => {
        const end = Math.min(start + length + 1, content.length);
        store.asked.length = 0;
        const read = await readAll(blobs.read(blob, { start, end }));
        expect(read.equals(content.subarray(start, end))).toBe(true);
        const [asked] = store.asked;
        expect(asked!.start).toBe(Math.floor(start / FRAME_BYTES) * STORED_FRAME);
        expect(asked!.end).toBe(Math.min(Math.ceil(end / FRAME_BYTES) * STORED_FRAME, store.stored.length));
      }),
      { numRuns: 40 },
    );
  });

  it("shows the watcher all of the content, in order, and stores nothing that it refuses", async () => {
    const content = randomBytes(2 * FRAME_BYTES + 5);
    const store = new OpenStore();
    const blobs = new SealedBlobs(store, keyring);
    const hash = createHash("sha256");
    await blobs.write(name, blobs.newKey(name), Readable.from(chunked(content, 70_000)), (frame, giveBack) => {
      hash.update(frame);
      giveBack(frame.buffer);
    });
    expect(hash.digest("hex")).toBe(createHash("sha256").update(content).digest("hex"));
    const refused = new OpenStore();
    const refusing = new SealedBlobs(refused, keyring);
    const write = refusing.write(name, refusing.newKey(name), Readable.from([content]), () => {
      throw new Error("refused");
    });
    await expect(write).rejects.toThrow("refused");
    expect(refused.stored.length).toBe(0);
  });
});

describe("an object that was tampered with", () => {
  const content = randomBytes(2 * FRAME_BYTES + 500);

  it("fails at any changed byte, and gives out only frames before it", async () => {
    const { store, blobs, blob } = await write(content);
    const original = Buffer.from(store.stored);
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        store.stored = Buffer.from(original);
        store.stored[at]! ^= flip;
        const released: Buffer[] = [];
        const reading = (async () => {
          for await (const piece of blobs.read(blob)) released.push(Buffer.from(piece));
        })();
        await expect(reading).rejects.toThrow(DataCorrupt);
        const whole = Math.floor(at / STORED_FRAME) * FRAME_BYTES;
        expect(Buffer.concat(released).equals(content.subarray(0, whole))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  const frame = (stored: Buffer, k: number): Buffer => stored.subarray(k * STORED_FRAME, (k + 1) * STORED_FRAME);
  const attacks: readonly (readonly [string, (stored: Buffer) => Buffer])[] = [
    ["cut within a frame", (stored) => stored.subarray(0, stored.length - 1)],
    ["cut after a frame", (stored) => stored.subarray(0, 2 * STORED_FRAME)],
    ["emptied", () => Buffer.alloc(0)],
    ["reordered", (stored) => Buffer.concat([frame(stored, 1), frame(stored, 0), frame(stored, 2)])],
    ["repeated", (stored) => Buffer.concat([frame(stored, 0), frame(stored, 0), frame(stored, 2)])],
    ["without a frame", (stored) => Buffer.concat([frame(stored, 0), frame(stored, 2)])],
  ];
  it.each(attacks)("%s, it fails", async (_, attack) => {
    const { store, blobs, blob } = await write(content);
    store.stored = Buffer.from(attack(store.stored));
    await expect(readAll(blobs.read(blob))).rejects.toThrow(DataCorrupt);
  });

  it("fails as a shorter object too, also where the record was changed with it", async () => {
    const { store, blobs, blob } = await write(content);
    store.stored = store.stored.subarray(0, 2 * STORED_FRAME);
    await expect(readAll(blobs.read({ ...blob, bytes: 2 * FRAME_BYTES }))).rejects.toThrow(DataCorrupt);
  });

  it("fails where another object's frames are in its place", async () => {
    const one = await write(content);
    const two = await write(content);
    one.store.stored = two.store.stored;
    await expect(readAll(one.blobs.read(one.blob))).rejects.toThrow(DataCorrupt);
    const renamed = { ...two.blob, id: `blob_${uuid.replace("01890a5d", "01890a5e")}` };
    await expect((async () => readAll(two.blobs.read(renamed)))()).rejects.toThrow(DataCorrupt);
  });
});
