import type { Manifest } from "../../adapters/backup/manifest.ts";

export interface BackupOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative settings start from. */
  readonly workingDir?: string;
  /** Of the backup. */
  readonly folder: string;
  /** For the keys in the backup; null: they are kept apart. */
  readonly passphrase: string | null;
  /** Is told each file as it comes to its turn. */
  readonly onPart?: (file: string) => void;
}

/** What a backup holds, for people. */
export interface BackupSummary {
  readonly folder: string;
  readonly createdAt: string;
  readonly serverVersion: string;
  readonly schemaVersion: number;
  readonly tables: number;
  readonly rows: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly hasKeys: boolean;
  /** Master keys without which sealed data in it can't be read. */
  readonly masterKeyIds: readonly string[];
  /** Files of `keys/` that are not in it, so that they have to be kept elsewhere. */
  readonly keysApart: readonly string[];
}

export function summaryOf(folder: string, manifest: Manifest, keyFiles: readonly string[] = []): BackupSummary {
  const { createdAt, serverVersion, schemaVersion, tables, blobs, keys, masterKeyIds } = manifest;
  return {
    ...{ folder, createdAt, serverVersion, schemaVersion, masterKeyIds },
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    blobs: blobs.count,
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, blobs.bytes),
    hasKeys: keys !== null,
    keysApart: keys === null ? keyFiles : [],
  };
}
