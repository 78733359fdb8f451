import { createHash, randomUUID } from "node:crypto";
import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import { newId } from "../../internal/ids.ts";
import { ProblemError } from "../problem.ts";
import type { BlobName } from "../storage/blob-store.ts";
import type { SealedBlobs } from "../storage/sealed-blobs.ts";
import type { BlobWriter } from "./blob-writer.ts";
import type { DatasetService, Owner } from "./dataset-service.ts";
import type { DiskSpace } from "./disk-space.ts";
import type { StorageAdmission, UploadProblem, UploadRecord, UploadStore } from "./ports.ts";

export interface UploadDependencies {
  readonly store: UploadStore;
  readonly datasets: DatasetService;
  readonly blobs: SealedBlobs;
  readonly writer: BlobWriter;
  readonly admission: StorageAdmission;
  readonly disk: DiskSpace;
  readonly limitBytes: number;
  readonly expirySeconds: number;
}

export interface UploadDescription {
  readonly length: number;
  readonly name: string;
  readonly format: DatasetFormat | null;
  readonly kind: DatasetKind | null;
  readonly metadata: string;
}

/** `Upload-Checksum`: what the body must be. */
export interface UploadChecksum {
  readonly algorithm: UploadChecksumAlgorithm;
  readonly digest: Buffer;
}
export const UPLOAD_CHECKSUMS = ["sha1", "sha256", "sha512", "md5"] as const;
export type UploadChecksumAlgorithm = (typeof UPLOAD_CHECKSUMS)[number];

/** A lease that is not renewed for so long is another's to take: that of a server that is gone, or of a dead connection. */
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;

/**
 * Resumable uploads. What arrives by one request is one sealed part, durable and counted when the request ends, also when
 * its connection breaks; when all has arrived the parts become a dataset as a single upload would.
 */
export class UploadService {
  readonly #dependencies: UploadDependencies;
  /** Requests of this process that are writing, by upload. */
  readonly #writing = new Map<string, AbortController>();

  constructor(dependencies: UploadDependencies) {
    this.#dependencies = dependencies;
  }

  /** Reserves the upload's length in the project's quota. @throws ProblemError */
  async create(owner: Owner, { length, ...description }: UploadDescription): Promise<UploadRecord> {
    const { limitBytes, admission, disk, store, expirySeconds } = this.#dependencies;
    if (length > limitBytes) throw new ProblemError("dataset_too_large", `An upload has at most ${limitBytes} bytes.`);
    await admission.admit(owner.projectId, length);
    disk.require(length);
    const expiresAt = new Date(Date.now() + expirySeconds * 1000);
    const { projectId, id: createdBy } = owner;
    return await store.create({ id: newId("upl"), projectId, createdBy, length, expiresAt, ...description });
  }

  /** @throws ProblemError `not_found` */
  async find(projectId: string, id: string): Promise<UploadRecord> {
    const found = await this.#dependencies.store.find(projectId, id);
    if (found === null || found.expiresAt.getTime() <= Date.now()) throw missing();
    return found;
  }

  /**
   * Adds what a request brings at an offset. When that is the rest, the dataset is made before it resolves. A request that
   * comes while an older one of this process still waits for bytes takes its place: a client that resumes knows best.
   * @throws ProblemError `not_found`, `upload_locked`, `upload_offset_mismatch`, `upload_length_exceeded`,
   * `upload_checksum_mismatch`, `insufficient_storage`; what is wrong with the whole content.
   */
  async append(
    projectId: string,
    id: string,
    offset: number,
    content: AsyncIterable<Uint8Array>,
    checksum: UploadChecksum | null,
  ): Promise<UploadRecord> {
    const upload = await this.#leased(projectId, id, async (leased, token, signal) => {
      if (leased.state !== "receiving" && offset === leased.length) return leased;
      if (offset !== leased.received) throw offsetMismatch(leased.received);
      return await this.#appendPart(leased, token, content, checksum, signal);
    });
    return upload.state === "processing" ? await this.finish(projectId, id) : upload;
  }

  /** Makes the dataset of an upload that has arrived. @throws ProblemError for what is wrong with its content. */
  async finish(projectId: string, id: string): Promise<UploadRecord> {
    const { store, datasets, blobs } = this.#dependencies;
    await this.#leased(projectId, id, async (upload, token) => {
      if (upload.state !== "processing") return;
      const parts = await store.parts(projectId, id);
      async function* content(): AsyncGenerator<Uint8Array> {
        for (const part of parts) yield* blobs.read(part);
      }
      const { name, format, kind, length, createdBy } = upload;
      try {
        const incoming = { name, format, kind, length, content: content() };
        await datasets.keep({ projectId, id: createdBy }, incoming, { uploadId: id, lease: token });
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status >= 500 || error.code === "upload_locked") throw error;
        await store.fail(projectId, id, token, problemOf(error));
        await this.#remove(parts);
        throw error;
      }
      await this.#remove(parts);
    });
    return await this.find(projectId, id);
  }

  /** Ends an upload and gives up what has arrived, also while a request is writing. @throws ProblemError `not_found` */
  async delete(projectId: string, id: string): Promise<void> {
    const parts = await this.#dependencies.store.delete(projectId, id);
    if (parts === null) throw missing();
    this.#writing.get(id)?.abort();
    await this.#remove(parts);
  }

  /** Parts that are marked already; those that can't be removed now are swept. */
  async #remove(parts: readonly BlobName[]): Promise<void> {
    for (const part of parts) await this.#dependencies.writer.remove(part).catch(() => undefined);
  }

  async #leased<Result>(
    projectId: string,
    id: string,
    work: (upload: UploadRecord, token: string, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { store } = this.#dependencies;
    const token = randomUUID();
    const older = this.#writing.get(id);
    older?.abort();
    const leased = await this.#lease(projectId, id, token, older === undefined ? 1 : 50);
    const controller = new AbortController();
    this.#writing.set(id, controller);
    const timer = setInterval(() => {
      void store
        .renew(projectId, id, token, LEASE_SECONDS)
        .then((held) => held || controller.abort())
        .catch(() => undefined);
    }, RENEW_MS);
    timer.unref();
    try {
      return await work(leased, token, controller.signal);
    } finally {
      clearInterval(timer);
      if (this.#writing.get(id) === controller) this.#writing.delete(id);
      await store.release(projectId, id, token).catch(() => undefined);
    }
  }

  async #lease(projectId: string, id: string, token: string, attempts: number): Promise<UploadRecord> {
    for (let attempt = 1; ; attempt++) {
      const leased = await this.#dependencies.store.lease(projectId, id, token, LEASE_SECONDS);
      if (leased === "missing") throw missing();
      if (leased !== "leased") return leased;
      if (attempt >= attempts) throw new ProblemError("upload_locked", "Another request is writing to this upload.");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #appendPart(
    upload: UploadRecord,
    token: string,
    content: AsyncIterable<Uint8Array>,
    checksum: UploadChecksum | null,
    signal: AbortSignal,
  ): Promise<UploadRecord> {
    const { store, writer } = this.#dependencies;
    const part = new PartContent(content, upload.length - upload.received, checksum, signal);
    const blob = await writer.write(upload.projectId, part.bytes());
    try {
      part.refuseWrong();
      const appended =
        blob.bytes === 0 ? upload : await store.append(upload.projectId, upload.id, token, { blob, bytes: blob.bytes });
      if (appended === null) throw new ProblemError("upload_locked", "Another request has taken the upload over.");
      if (blob.bytes === 0) await writer.discard(blob);
      if (part.failure !== null) throw part.failure;
      return appended;
    } catch (error) {
      // What was appended is kept whatever became of the connection.
      if (error !== part.failure) await writer.discard(blob);
      throw error;
    }
  }
}

/** What a request brings, up to the end of the upload; a broken connection ends it early, and is told afterwards. */
class PartContent {
  /** Why the content ended before its end. */
  failure: Error | null = null;
  readonly #content: AsyncIterable<Uint8Array>;
  readonly #left: number;
  readonly #checksum: UploadChecksum | null;
  readonly #signal: AbortSignal;
  #hasMore = false;
  #digest: Buffer | null = null;

  constructor(content: AsyncIterable<Uint8Array>, left: number, checksum: UploadChecksum | null, signal: AbortSignal) {
    this.#content = content;
    this.#left = left;
    this.#checksum = checksum;
    this.#signal = signal;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const hash = this.#checksum === null ? null : createHash(this.#checksum.algorithm);
    let left = this.#left;
    try {
      for await (const piece of untilAborted(this.#content, this.#signal)) {
        const kept = piece.length <= left ? piece : piece.subarray(0, left);
        this.#hasMore ||= kept.length < piece.length;
        left -= kept.length;
        hash?.update(piece);
        if (kept.length > 0) yield kept;
        if (this.#hasMore) break;
      }
      this.#digest = hash?.digest() ?? null;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** @throws ProblemError when nothing of it may be kept. */
  refuseWrong(): void {
    if (this.#hasMore) {
      throw new ProblemError("upload_length_exceeded", `The upload has room for ${this.#left} bytes more.`);
    }
    if (this.#checksum === null || (this.#digest?.equals(this.#checksum.digest) ?? false)) return;
    if (this.failure !== null) throw this.failure;
    throw new ProblemError("upload_checksum_mismatch", "The body is not what its checksum says.");
  }
}

/** Ends with an error when the signal fires, also while it waits for bytes. */
async function* untilAborted(content: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = content[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(new ProblemError("upload_locked", "A newer request has taken the upload over."));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
  aborted.catch(() => undefined);
  for (;;) {
    const { value, done } = await Promise.race([iterator.next(), aborted]);
    if (done === true) return;
    yield value;
  }
}

function missing(): ProblemError {
  return new ProblemError("not_found", "There is no such upload, or its time is over.");
}

function offsetMismatch(received: number): ProblemError {
  return new ProblemError("upload_offset_mismatch", `The upload stands at ${received}.`, {
    members: { upload_offset: received },
  });
}

function problemOf({ code, message, places }: ProblemError): UploadProblem {
  return { code, detail: message, errors: places.map(({ pointer, detail }) => ({ pointer, detail })) };
}
