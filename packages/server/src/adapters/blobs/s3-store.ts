import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { DependencyUnavailable } from "../../domain/errors.ts";
import {
  BlobMissing,
  type BlobName,
  type BlobStore,
  type ByteRange,
  blobPath,
  StorageFull,
} from "../../domain/storage/blob-store.ts";

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** null: Amazon's of the region. */
  readonly endpoint: string | null;
  /** The bucket as the first part of the path instead of the host. */
  readonly isPathStyle: boolean;
  /** null: the SDK's own sources (environment, profile, instance). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** Two parts in memory: 16 MiB an upload. Amazon allows 10,000 parts, so an object has up to 80 GiB. */
const PART_BYTES = 8 * 1_048_576;
const PARTS_AT_ONCE = 2;
const ATTEMPTS = 3;
const CONNECT_MS = 3_000;
const REQUEST_MS = 30_000;
const RETRY_AFTER_SECONDS = 5;

/** Objects of a bucket, under `project/blob`. Integrity is the sealed frames' affair, not the store's checksums'. */
export class S3BlobStore implements BlobStore {
  readonly kind = "s3";
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(options: S3Options) {
    this.#bucket = options.bucket;
    this.#client = new S3Client({
      region: options.region,
      forcePathStyle: options.isPathStyle,
      maxAttempts: ATTEMPTS,
      // Trailing checksums are Amazon's; other servers store them as content.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS },
      ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === null ? {} : { credentials: options.credentials }),
    });
  }

  async put(name: BlobName, content: AsyncIterable<Uint8Array>): Promise<number> {
    let bytes = 0;
    let failure: { readonly error: unknown } | null = null;
    async function* counted(): AsyncGenerator<Uint8Array> {
      try {
        for await (const piece of content) {
          bytes += piece.length;
          yield piece;
        }
      } catch (error) {
        failure = { error };
        throw error;
      }
    }
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(name), Body: Readable.from(counted(), { objectMode: false }) },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    try {
      await upload.done();
      return bytes;
    } catch (error) {
      // Without this the parts so far would stay, and be paid for.
      await upload.abort().catch(() => undefined);
      const own = failure as { readonly error: unknown } | null;
      throw own === null ? explained(error) : own.error;
    }
  }

  async *get(name: BlobName, range?: ByteRange): AsyncGenerator<Uint8Array> {
    if (range !== undefined && range.end <= range.start) return;
    const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` };
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#at(name), ...part }));
      yield* Body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      // Less is there than is asked for: to the reader it is an object that ends early.
      if (nameOf(error) === "InvalidRange") return;
      throw isMissing(error) ? new BlobMissing("There is no such object.") : explained(error);
    }
  }

  async delete(name: BlobName): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#at(name)));
      await this.#abortUploads(name);
    } catch (error) {
      if (!isMissing(error)) throw explained(error);
    }
  }

  async stat(name: BlobName): Promise<{ readonly bytes: number } | null> {
    try {
      const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#at(name)));
      return { bytes: ContentLength ?? 0 };
    } catch (error) {
      if (isMissing(error)) return null;
      throw explained(error);
    }
  }

  async check(): Promise<void> {
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      throw explained(error);
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  /** Parts that a put left whose process ended. */
  async #abortUploads(name: BlobName): Promise<void> {
    const { Bucket, Key } = this.#at(name);
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
    for (const { UploadId } of Uploads) {
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
  }

  #at(name: BlobName): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: blobPath(name) };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function isMissing(error: unknown): boolean {
  return ["NoSuchKey", "NotFound", "NoSuchUpload"].includes(nameOf(error));
}

/** Whatever the server or the way to it answers means "not now"; what it says goes to the operator. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isFull = /^(QuotaExceeded|XMinioStorageFull|StorageFull|InsufficientStorage)$/.test(error.name);
  if (isFull) return new StorageFull("The object store is full.", { cause: error });
  const isOfStore =
    error instanceof S3ServiceException || "$metadata" in error || "syscall" in error || isTimeout(error);
  if (!isOfStore) return error;
  const message = `The object store cannot be used: ${error.name}: ${error.message}`;
  return new DependencyUnavailable("blobs", message, RETRY_AFTER_SECONDS, { cause: error });
}

function isTimeout({ name }: Error): boolean {
  return (
    name === "TimeoutError" ||
    name === "RequestTimeout" ||
    name === "AggregateError" ||
    name === "CredentialsProviderError"
  );
}
