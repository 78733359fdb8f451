/**
 * The store of large objects, as the domain sees it: opaque bytes under names that the server makes. Adapters keep them
 * in a folder or in an S3 bucket; both behave alike (`adapters/blobs/testing/conformance.ts`).
 */

/** Where an object is. Both parts are identifiers that the server made: nothing of a user ever becomes part of a path. */
export interface BlobName {
  /** `prj_…` */
  readonly projectId: string;
  /** `blob_…` */
  readonly id: string;
}

/** From `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface BlobStore {
  readonly kind: "folder" | "s3";
  /**
   * Keeps the content; the promise resolves with its length once it is durable. A failed or interrupted put leaves
   * nothing that `get` or `stat` would see. Memory stays bounded whatever the length.
   * @throws StorageFull, DependencyUnavailable; what the content itself throws.
   */
  put(name: BlobName, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** The bytes, or a part of them. @throws BlobMissing, DependencyUnavailable when it is read. */
  get(name: BlobName, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Removes the object and whatever an interrupted put left. No error when there is none. @throws DependencyUnavailable */
  delete(name: BlobName): Promise<void>;
  /** null: there is none. @throws DependencyUnavailable */
  stat(name: BlobName): Promise<{ readonly bytes: number } | null>;
  /** Resolves when the store answers. @throws DependencyUnavailable */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The store has no object of this name. */
export class BlobMissing extends Error {
  override readonly name = "BlobMissing";
}

/** There is no room for what was to be written. */
export class StorageFull extends Error {
  override readonly name = "StorageFull";
}

const PROJECT = /^prj_[0-9a-f-]{36}$/;
const BLOB = /^blob_[0-9a-f-]{36}$/;

/** `project/blob`. @throws RangeError for a name that is not made of identifiers: a defect, never a user's input. */
export function blobPath({ projectId, id }: BlobName): string {
  if (!PROJECT.test(projectId) || !BLOB.test(id)) throw new RangeError("a blob's name is made of identifiers");
  return `${projectId}/${id}`;
}
