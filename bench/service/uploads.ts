// Uploads: bytes per second into encrypted storage, and what the server's memory does meanwhile.
import { createReadStream, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import type { Product } from "../../acceptance/support/product.ts";
import { apiBytes } from "./observe-processes.ts";

export interface UploadRow {
  readonly what: string;
  readonly bytes: number;
  readonly uploadSeconds: number;
  readonly downloadSeconds: number;
  readonly idleBytes: number;
  readonly peakBytes: number;
}

const rows = 1 << 16;
const columns = 16;

/** An NPY file of random float32 points, `mebibytes` large. */
async function makeFile(folder: string, mebibytes: number): Promise<string> {
  const path = join(folder, `${mebibytes}.npy`);
  const block = new Float32Array(rows * columns).map(() => Math.random());
  const blocks = Math.ceil((mebibytes * 2 ** 20) / block.byteLength);
  const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows * blocks}, ${columns}), }`;
  const header = Buffer.from(`${shape}${" ".repeat((64 - ((shape.length + 11) % 64)) % 64)}\n`, "latin1");
  const file = await open(path, "w");
  await file.write(
    Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00", "latin1"),
      Buffer.from([header.length & 255, header.length >> 8]),
      header,
    ]),
  );
  for (let i = 0; i < blocks; i++) await file.write(Buffer.from(block.buffer));
  await file.close();
  return path;
}

export async function measureUploads(
  product: Product,
  folder: string,
  sizes: readonly number[],
  log: (line: string) => void,
): Promise<UploadRow[]> {
  const measured: UploadRow[] = [];
  for (const mebibytes of sizes) {
    const path = await makeFile(folder, mebibytes);
    const idleBytes = apiBytes(product);
    let peakBytes = idleBytes;
    const watch = setInterval(() => {
      peakBytes = Math.max(peakBytes, apiBytes(product));
    }, 20);
    const startedAt = performance.now();
    const id = await upload(product, path);
    const uploadSeconds = (performance.now() - startedAt) / 1000;
    const downloadStart = performance.now();
    await download(product, id);
    const downloadSeconds = (performance.now() - downloadStart) / 1000;
    clearInterval(watch);
    const { size: bytes } = statSync(path);
    measured.push({
      what: `${mebibytes} MiB of float32 points (NPY)`,
      bytes,
      uploadSeconds,
      downloadSeconds,
      idleBytes,
      peakBytes,
    });
    log(`upload of ${mebibytes} MiB: ${(bytes / 2 ** 20 / uploadSeconds).toFixed(0)} MiB/s`);
  }
  return measured;
}

function upload(product: Product, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      "x-api-key": product.apiKey,
      "content-type": "application/x-npy",
      "content-length": statSync(path).size,
    };
    const sent = request(`${product.url}/v1/datasets`, { method: "POST", headers }, async (answer) => {
      const body = Buffer.concat(await answer.toArray()).toString();
      if (answer.statusCode === 201) resolve((JSON.parse(body) as { id: string }).id);
      else reject(new Error(`the upload was answered ${answer.statusCode}: ${body}`));
    });
    sent.on("error", reject);
    createReadStream(path, { highWaterMark: 1 << 20 }).pipe(sent);
  });
}

function download(product: Product, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const url = `${product.url}/v1/datasets/${id}/content`;
    request(url, { headers: { "x-api-key": product.apiKey } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the download was answered ${answer.statusCode}`));
      answer.resume().on("end", resolve).on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}
