import { StartError } from "../../internal/start-error.ts";

/** A file of a backup, by its path in the folder. */
export interface Part {
  readonly file: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface TablePart extends Part {
  readonly table: string;
  /** In the order of the file. */
  readonly columns: readonly string[];
  readonly rows: number;
}

/** A partition that may have been made since the migrations, such as one of a month. */
export interface Partition {
  readonly name: string;
  readonly parent: string;
  /** `FOR VALUES …` or `DEFAULT`, as PostgreSQL writes it. */
  readonly bound: string;
}

export interface Sequence {
  readonly name: string;
  /** As text: it may be beyond the integers of a number. */
  readonly value: string;
}

/** An object of the blob store that was deleted while the backup was made, after the tables. */
export interface GoneBlob {
  readonly projectId: string;
  readonly id: string;
}

/** `manifest.json`: what a backup is made of, and of which state. */
export interface Manifest {
  readonly format: 1;
  readonly createdAt: string;
  readonly serverVersion: string;
  readonly schemaVersion: number;
  readonly postgresVersion: string;
  /** Tables in an order in which they can be loaded. */
  readonly tables: readonly TablePart[];
  readonly partitions: readonly Partition[];
  readonly sequences: readonly Sequence[];
  /** One JSON object a line: `blobs/list.jsonl`. */
  readonly blobs: Part & { readonly count: number; readonly gone: readonly GoneBlob[] };
  /** Master keys that something in the backup is sealed under. */
  readonly masterKeyIds: readonly string[];
  /** The files of the folder `keys/`, under a passphrase; null: they are not in the backup. */
  readonly keys: Part | null;
}

/** A line of `blobs/list.jsonl`. */
export interface BlobEntry extends Part {
  readonly projectId: string;
  readonly id: string;
  /** Of the content, before it was sealed. */
  readonly contentBytes: number;
  readonly masterKeyId: string;
  /** The object's data key, wrapped; base64. */
  readonly wrappedKey: string;
}

/** A part of a backup that is missing or not what it was; nothing was restored from it. */
export class BackupDamaged extends StartError {
  readonly part: string;

  constructor(part: string, what: string) {
    super(`The backup is damaged: ${part} ${what}.`);
    this.part = part;
  }
}

export const MANIFEST = "manifest.json";
export const SUMS = "SHA256SUMS";
export const BLOB_LIST = "blobs/list.jsonl";
export const KEYS = "keys.sealed";

const NAME = /^[a-z_][a-z0-9_]*$/;
/** The three bounds that our partitions have, as PostgreSQL writes them. */
const BOUND =
  /^(?:DEFAULT|FOR VALUES WITH \(modulus \d+, remainder \d+\)|FOR VALUES FROM \('[\d :.+-]+'\) TO \('[\d :.+-]+'\))$/;

/** @throws BackupDamaged, StartError for a backup of a newer release. */
export function parseManifest(text: string): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch {
    throw new BackupDamaged(MANIFEST, "is not JSON");
  }
  if ((manifest.format as number) !== 1) {
    throw new StartError(`The backup has the format ${String(manifest.format)} of a newer release: use that release.`);
  }
  // Names become SQL, so they have to look like ours whoever wrote the file.
  const names = [
    ...manifest.tables.flatMap(({ table, columns }) => [table, ...columns]),
    ...manifest.partitions.flatMap(({ name, parent }) => [name, parent]),
    ...manifest.sequences.map(({ name }) => name),
  ];
  const isPlain = names.every((name) => NAME.test(name)) && manifest.partitions.every(({ bound }) => BOUND.test(bound));
  if (!isPlain) throw new BackupDamaged(MANIFEST, "has names that are none of ours");
  return manifest;
}
