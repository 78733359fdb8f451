import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Dataset } from "@tda-platform/contract/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TemporaryDir, temporaryDir } from "../adapters/database/testing/temporary-dir.ts";
import { type ServerProcess, startServerProcess } from "./testing/server-process.ts";

const MiB = 1_048_576;
const UPLOAD_BYTES = 300 * MiB;
const GROWTH_LIMIT_BYTES = 200 * MiB;
/** `VmRSS` is Linux's. */
const canMeasure = process.platform === "linux";

let dir: TemporaryDir;
let server: ServerProcess;
beforeAll(async () => {
  dir = await temporaryDir(0o755);
  server = startServerProcess({
    TDA_DATA_DIR: join(dir.path, "data"),
    TDA_DATABASE_SYSTEM_DIR: join(dir.path, "system"),
  });
  await server.said;
}, 120_000);
afterAll(async () => {
  server.child.kill("SIGTERM");
  await server.ended;
  await dir.remove();
});

function residentBytes(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Uploads copies of a block, as many as there is room for, and tells the most memory that the server had meanwhile. */
async function upload(
  type: string,
  head: Buffer,
  block: Buffer,
  copies: number,
): Promise<{ dataset: Dataset; peakBytes: number }> {
  const { url } = await server.said;
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes());
  }, 10);
  try {
    const text = await new Promise<string>((resolve, reject) => {
      const headers = { "content-type": type, "content-length": head.length + copies * block.length };
      const sent = request(`${url}/v1/datasets`, { method: "POST", headers }, async (answer) => {
        resolve(Buffer.concat(await answer.toArray()).toString());
      });
      sent.on("error", reject);
      sent.write(head);
      let left = copies;
      const more = (): void => {
        while (left-- > 0) if (!sent.write(block)) return void sent.once("drain", more);
        sent.end();
      };
      more();
    });
    return { dataset: JSON.parse(text) as Dataset, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

describe.runIf(canMeasure)("an upload of 300 MiB", () => {
  const columns = 16;
  const rows = 16_384;
  it("of NPY, and one of CSV, need little memory whatever their length", async () => {
    const idleBytes = residentBytes();
    const block = Buffer.from(new Float32Array(rows * columns).map((_, i) => Math.sin(i)).buffer);
    const copies = Math.ceil(UPLOAD_BYTES / block.length);
    const npy = await upload("application/x-npy", npyHead(rows * copies, columns), block, copies);
    expect(npy.dataset).toMatchObject({ rows: rows * copies, columns });
    expect(npy.peakBytes - idleBytes).toBeLessThan(GROWTH_LIMIT_BYTES);
    const text = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `${Math.sin(i)},${Math.cos(i)}\n`).join(""));
    const texts = Math.ceil(UPLOAD_BYTES / 4 / text.length);
    const csv = await upload("text/csv", Buffer.alloc(0), text, texts);
    expect(csv.dataset).toMatchObject({ rows: 50_000 * texts, columns: 2 });
    expect(csv.peakBytes - idleBytes).toBeLessThan(GROWTH_LIMIT_BYTES);
  }, 180_000);
});

function npyHead(rows: number, columns: number): Buffer {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const header = Buffer.from(`${dictionary}${" ".repeat((64 - ((dictionary.length + 11) % 64)) % 64)}\n`, "latin1");
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    Buffer.of(header.length & 255, header.length >> 8),
    header,
  ]);
}
