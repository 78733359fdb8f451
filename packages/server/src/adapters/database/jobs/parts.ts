/** Bytes of one row: what a statement carries, and what a value of the database is read as (twice as many characters), stay bounded. */
const partBytes = 8 * 1024 * 1024;

/** Bytes as the parts of rows; at least one. The parts are views. */
export function inputParts(bytes: Uint8Array): Buffer[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (whole.length <= partBytes) return [whole];
  return Array.from({ length: Math.ceil(whole.length / partBytes) }, (_, i) =>
    whole.subarray(i * partBytes, (i + 1) * partBytes),
  );
}
