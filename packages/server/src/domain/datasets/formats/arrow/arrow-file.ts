import { invalidArrow } from "./flatbuffer.ts";

/** At the beginning and the end of a file; a stream has none. */
export const ARROW_FILE_MAGIC = "ARROW1";
/** Length of the footer, and the magic. */
export const ARROW_TAIL_BYTES = 4 + ARROW_FILE_MAGIC.length;
const MAX_FOOTER_BYTES = 64 * 1_048_576;

export function isArrowFile(bytes: Buffer): boolean {
  return bytes.toString("latin1", 0, ARROW_FILE_MAGIC.length) === ARROW_FILE_MAGIC;
}

/** Where the footer of a file is that ends with these bytes. @throws ProblemError `invalid_arrow` */
export function arrowFooterPlace(bytes: number, tail: Uint8Array): readonly [start: number, end: number] {
  const end = bytes - ARROW_TAIL_BYTES;
  const last = Buffer.from(tail);
  if (last.length < ARROW_TAIL_BYTES || last.toString("latin1", 4) !== ARROW_FILE_MAGIC) {
    throw invalidArrow("The magic bytes at its end are missing.");
  }
  const length = last.readUInt32LE(0);
  if (length > end - ARROW_FILE_MAGIC.length || length > MAX_FOOTER_BYTES)
    throw invalidArrow(`Its footer has ${length} bytes.`);
  return [end - length, end];
}
