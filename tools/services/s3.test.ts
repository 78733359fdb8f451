import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Services, startServices } from "./services.ts";

let services: Services<{ s3: true }>;
let client: S3Client;
let Bucket: string;
beforeAll(async () => {
  services = await startServices({ s3: true });
  const { endpoint, region, accessKeyId, secretAccessKey } = services.s3;
  const credentials = { accessKeyId, secretAccessKey };
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  Bucket = services.s3.bucket;
});
afterAll(async () => {
  client.destroy();
  await services.stop();
});

async function put(Key: string, Body: Uint8Array | string, bucket = Bucket): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
}

async function get(Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }));
  return Buffer.from(await Body!.transformToByteArray());
}

it("gives back what was put, whole and in ranges", async () => {
  const bytes = randomBytes(3_000_000);
  await put("a/b c", bytes);
  expect((await get("a/b c")).equals(bytes)).toBe(true);
  expect((await get("a/b c", "bytes=1000-1999")).equals(bytes.subarray(1000, 2000))).toBe(true);
  await expect(get("a/b c", "bytes=3000000-")).rejects.toMatchObject({ $metadata: { httpStatusCode: 416 } });
  await expect(get("nothing")).rejects.toMatchObject({ name: "NoSuchKey" });
});

it("takes a stream", async () => {
  const bytes = randomBytes(1_000_000);
  const Body = Readable.from([bytes.subarray(0, 400_000), bytes.subarray(400_000)]);
  await client.send(new PutObjectCommand({ Bucket, Key: "stream", Body, ContentLength: bytes.length }));
  expect((await get("stream")).equals(bytes)).toBe(true);
});

it("puts the parts of an upload together", async () => {
  const Key = "parts";
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const parts = [Buffer.alloc(5 * 1024 * 1024, 1), Buffer.from("the end")];
  const Parts = await Promise.all(
    parts.map(async (Body, index) => {
      const PartNumber = index + 1;
      const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      return { PartNumber, ETag };
    }),
  );
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  expect((await get(Key)).equals(Buffer.concat(parts))).toBe(true);
});

it("never overwrites when told so, lists by pages, and deletes", async () => {
  const bucket = await services.s3.newBucket();
  for (const n of [1, 2, 3]) await put(`k/${n}`, "x", bucket);
  const again = new PutObjectCommand({ Bucket: bucket, Key: "k/1", Body: "y", IfNoneMatch: "*" });
  await expect(client.send(again)).rejects.toMatchObject({ name: "PreconditionFailed" });
  const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "k/", MaxKeys: 2 }));
  expect(page.Contents?.map(({ Key }) => Key)).toEqual(["k/1", "k/2"]);
  const rest = { Bucket: bucket, Prefix: "k/", ContinuationToken: page.NextContinuationToken };
  expect((await client.send(new ListObjectsV2Command(rest))).Contents).toHaveLength(1);
  const Objects = [{ Key: "k/1" }, { Key: "k/2" }, { Key: "k/3" }];
  await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
});

it("keeps what it has while it is frozen, and answers nobody", async () => {
  await put("frozen", "still here");
  await services.s3.freeze();
  const abortSignal = AbortSignal.timeout(500);
  await expect(client.send(new GetObjectCommand({ Bucket, Key: "frozen" }), { abortSignal })).rejects.toThrow();
  await services.s3.resume();
  expect((await get("frozen")).toString()).toBe("still here");
});

it("is back after kill -9 and a restart on the same port, with its bucket and nothing in it", async () => {
  await put("lost", "x");
  await services.s3.kill();
  await expect(get("lost")).rejects.toThrow(/ECONNREFUSED/);
  await services.s3.restart();
  await expect(get("lost")).rejects.toMatchObject({ name: "NoSuchKey" });
  await put("new", "y");
  expect((await get("new")).toString()).toBe("y");
});
