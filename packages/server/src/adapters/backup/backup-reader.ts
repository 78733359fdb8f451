import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { StartError } from "../../internal/start-error.ts";
import { countLines } from "./backup-writer.ts";
import { BackupDamaged, type BlobEntry, MANIFEST, type Manifest, type Part, parseManifest, SUMS } from "./manifest.ts";

const PIECE_BYTES = 1_048_576;

/** A backup that is there. Nothing of it is believed before `check` has been through. */
export class BackupReader {
  readonly manifest: Manifest;
  readonly #folder: string;

  private constructor(folder: string, manifest: Manifest) {
    this.#folder = folder;
    this.manifest = manifest;
  }

  /** @throws StartError when there is no backup in the folder; BackupDamaged when its manifest is not what it was. */
  static async open(folder: string): Promise<BackupReader> {
    const sums = await readFile(join(folder, SUMS), "utf8").catch(() => null);
    const bytes = await readFile(join(folder, MANIFEST)).catch(() => null);
    if (sums === null && bytes === null) throw new StartError(`There is no backup in ${folder}.`);
    if (sums === null) throw new BackupDamaged(SUMS, "is missing");
    if (bytes === null) throw new BackupDamaged(MANIFEST, "is missing");
    const expected = sums.split("\n").find((line) => line.endsWith(`  ${MANIFEST}`));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (expected !== `${sha256}  ${MANIFEST}`) throw new BackupDamaged(MANIFEST, `is not what ${SUMS} says`);
    return new BackupReader(folder, parseManifest(bytes.toString("utf8")));
  }

  /** Reads every byte once and compares lengths, hashes and rows. @throws BackupDamaged with the first part that is wrong. */
  async check(onPart: (file: string) => void = () => undefined): Promise<void> {
    const { tables, blobs, keys } = this.manifest;
    for (const part of tables) {
      onPart(part.file);
      const lines = await this.#checkPart(part);
      if (lines !== part.rows) throw new BackupDamaged(part.file, `has ${lines} rows instead of ${part.rows}`);
    }
    const lines = await this.#checkPart(blobs);
    if (lines !== blobs.count) throw new BackupDamaged(blobs.file, `has ${lines} lines instead of ${blobs.count}`);
    for await (const entry of this.blobs()) {
      onPart(entry.file);
      await this.#checkPart(entry);
    }
    if (keys !== null) await this.#checkPart(keys);
  }

  /** The content of a part. */
  async *read(part: Pick<Part, "file">): AsyncGenerator<Buffer> {
    try {
      for await (const piece of createReadStream(this.#path(part), { highWaterMark: PIECE_BYTES }))
        yield piece as Buffer;
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ENOENT" ? new BackupDamaged(part.file, "is missing") : error;
    }
  }

  async *blobs(): AsyncGenerator<BlobEntry> {
    const input = createReadStream(this.#path(this.manifest.blobs));
    for await (const line of createInterface({ input })) if (line !== "") yield JSON.parse(line) as BlobEntry;
  }

  async #checkPart(part: Part): Promise<number> {
    const hash = createHash("sha256");
    let [bytes, lines] = [0, 0];
    for await (const piece of this.read(part)) {
      hash.update(piece);
      bytes += piece.length;
      lines += countLines(piece);
    }
    if (bytes !== part.bytes) throw new BackupDamaged(part.file, `has ${bytes} bytes instead of ${part.bytes}`);
    if (hash.digest("hex") !== part.sha256) throw new BackupDamaged(part.file, "has another content");
    return lines;
  }

  /** Within the folder, whatever the manifest says. */
  #path({ file }: Pick<Part, "file">): string {
    const inside = normalize(file);
    if (inside.startsWith("..") || inside.startsWith("/")) throw new BackupDamaged(file, "is outside of the backup");
    return join(this.#folder, inside);
  }
}
