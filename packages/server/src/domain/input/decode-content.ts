import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { MAX_COMPRESSION_RATIO } from "@tda-platform/contract/limits";
import type { RequestEncoding } from "@tda-platform/contract/media-types";
import { ProblemError } from "../problem.ts";

/**
 * Decompresses a body. No more than the limits allow is ever held: the decoder stops at the byte after them.
 * @throws ProblemError `body_too_large`, `compression_ratio_exceeded` or `invalid_content_encoding`.
 */
export function decodeContent(bytes: Buffer, encoding: RequestEncoding | null, limitBytes: number): Buffer {
  if (encoding === null) return bytes;
  const ratioBytes = bytes.length * MAX_COMPRESSION_RATIO;
  const maxOutputLength = Math.min(limitBytes, ratioBytes);
  if (bytes.length === 0) throw new ProblemError("invalid_content_encoding", `The body is not ${encoding} data.`);
  try {
    return encoding === "gzip"
      ? gunzipSync(bytes, { maxOutputLength })
      : zstdDecompressSync(bytes, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") {
      throw new ProblemError("invalid_content_encoding", `The body is not complete ${encoding} data.`, {
        cause: error,
      });
    }
    throw ratioBytes < limitBytes
      ? new ProblemError(
          "compression_ratio_exceeded",
          `The body decompresses to more than ${MAX_COMPRESSION_RATIO} times its size.`,
        )
      : new ProblemError("body_too_large", `The body has more than ${limitBytes} bytes after decompression.`);
  }
}
