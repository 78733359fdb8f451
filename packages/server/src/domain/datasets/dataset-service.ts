import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import { newId } from "../../internal/ids.ts";
import type { Principal } from "../ports.ts";
import { ProblemError } from "../problem.ts";
import type { ByteRange } from "../storage/blob-store.ts";
import type { SealedBlob, SealedBlobs } from "../storage/sealed-blobs.ts";
import type { BlobWriter } from "./blob-writer.ts";
import { limited, peekFormat } from "./content.ts";
import type { DiskSpace } from "./disk-space.ts";
import type { TableShape } from "./formats/inspector.ts";
import type { Inspections } from "./inspection/inspections.ts";
import type { DatasetRecord, DatasetStore, FinishedUpload, StorageAdmission, StoredDataset } from "./ports.ts";

export interface DatasetDependencies {
  readonly store: DatasetStore;
  readonly blobs: SealedBlobs;
  readonly writer: BlobWriter;
  readonly inspections: Inspections;
  readonly admission: StorageAdmission;
  readonly disk: DiskSpace;
  readonly limitBytes: number;
}

/** A content on its way in, and what is said of it. */
export interface IncomingDataset {
  readonly name: string;
  /** null: by its first bytes. */
  readonly format: DatasetFormat | null;
  /** null: what the format usually holds. */
  readonly kind: DatasetKind | null;
  /** Length of the content, where it is known before. */
  readonly length: number | null;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Who a dataset is made by, and for which project. */
export type Owner = Pick<Principal, "projectId" | "id">;

/** Stores, lists and deletes datasets. */
export class DatasetService {
  readonly #dependencies: DatasetDependencies;

  constructor(dependencies: DatasetDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Stores a content as it arrives and inspects it on the way; durable when it resolves. Memory does not depend on its
   * length. @throws ProblemError for what is wrong with it, with the place of the first bad value; `dataset_too_large`,
   * `insufficient_storage`, `overloaded`.
   */
  async create(owner: Owner, incoming: IncomingDataset): Promise<DatasetRecord> {
    const { limitBytes, admission, disk } = this.#dependencies;
    const { length } = incoming;
    if ((length ?? 0) > limitBytes) {
      throw new ProblemError("dataset_too_large", `The content has more than ${limitBytes} bytes.`);
    }
    await admission.admit(owner.projectId, length ?? 0);
    disk.require(length ?? 0);
    return await this.keep(owner, { ...incoming, content: limited(incoming.content, limitBytes) }, null);
  }

  /** The same for a content that is admitted already. */
  async keep(owner: Owner, incoming: IncomingDataset, upload: FinishedUpload | null): Promise<DatasetRecord> {
    const { writer, store, admission } = this.#dependencies;
    const peeked = incoming.format === null ? await peekFormat(incoming.content) : incoming;
    const format = requireFormat(peeked.format);
    const kind = kindOf(format, incoming.kind);
    const stored = await this.#write(owner.projectId, peeked.content, format, kind);
    try {
      const { blob, shape, sha256 } = stored;
      if (upload === null && incoming.length === null) await admission.admit(owner.projectId, blob.bytes);
      const { projectId } = owner;
      const { name } = incoming;
      const bytes = blob.bytes;
      const dataset = { id: newId("ds"), projectId, name, kind, format, ...shape, bytes, sha256, createdBy: owner.id };
      const record = await store.create(dataset, blob, upload);
      if (record !== null) return record;
      throw new ProblemError("upload_locked", "Another request has taken over.");
    } catch (error) {
      await writer.discard(stored.blob);
      throw error;
    }
  }

  /** @throws ProblemError `not_found` */
  async find(projectId: string, id: string): Promise<StoredDataset> {
    const found = await this.#dependencies.store.find(projectId, id);
    if (found === null) throw new ProblemError("not_found", "There is no such dataset.");
    return found;
  }

  list(projectId: string, page: { readonly limit: number; readonly before: string | null }): Promise<DatasetRecord[]> {
    return this.#dependencies.store.list(projectId, page);
  }

  /** The content or a part of it, verified piece by piece. */
  content(dataset: StoredDataset, range?: ByteRange): AsyncIterable<Uint8Array> {
    return this.#dependencies.blobs.read(dataset.blob, range);
  }

  /** Deletes a dataset, and its bytes from the store; what a failure leaves of those is swept. @throws ProblemError `not_found` */
  async delete(projectId: string, id: string): Promise<void> {
    const { store, writer } = this.#dependencies;
    const blob = await store.delete(projectId, id);
    if (blob === null) throw new ProblemError("not_found", "There is no such dataset.");
    await writer.remove(blob).catch(() => undefined);
  }

  async #write(
    projectId: string,
    content: AsyncIterable<Uint8Array>,
    format: DatasetFormat,
    kind: DatasetKind,
  ): Promise<{ blob: SealedBlob; shape: TableShape; sha256: string }> {
    const { inspections, writer, blobs } = this.#dependencies;
    const session = inspections.open(format, kind);
    let blob: SealedBlob | null = null;
    try {
      blob = await writer.write(projectId, content, (frame, giveBack) => session.push(frame, giveBack));
      const { shape, sha256 } = await session.finish();
      if (shape !== null) return { blob, shape, sha256 };
      const stored = blob;
      const read = (start: number, end: number): Promise<Buffer> => collect(blobs.read(stored, { start, end }));
      return { blob, shape: await inspections.inspectStored(format, kind, stored.bytes, read), sha256 };
    } catch (error) {
      if (blob !== null) await writer.discard(blob);
      throw error;
    } finally {
      session.close();
    }
  }
}

export async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

function requireFormat(format: DatasetFormat | null): DatasetFormat {
  if (format !== null) return format;
  throw new ProblemError(
    "unsupported_media_type",
    "Neither the media type, the name nor the content says what it is: give `format`.",
  );
}

function kindOf(format: DatasetFormat, given: DatasetKind | null): DatasetKind {
  if (format !== "lower-distance") return given ?? "points";
  if (given !== "points") return "distances";
  const detail = "A lower-distance text holds distances.";
  throw new ProblemError("validation_failed", detail, { places: [{ pointer: "/input_kind", detail }] });
}
