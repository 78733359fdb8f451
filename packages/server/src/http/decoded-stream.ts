import { pipeline, type Readable, Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { MAX_COMPRESSION_RATIO } from "@tda-platform/contract/limits";
import type { RequestEncoding } from "@tda-platform/contract/media-types";
import { ProblemError } from "../domain/problem.ts";

/** Few bytes may decompress to many more; from here on the ratio counts. */
const RATIO_FROM_BYTES = 1_048_576;

/** A body's content as it arrives, decompressed. @throws ProblemError (when it is read) as `decodeContent` does. */
export function decodedStream(
  body: Readable,
  encoding: RequestEncoding | null,
  limitBytes: number,
  tooLarge: "dataset_too_large" | "body_too_large" = "dataset_too_large",
): Readable {
  if (encoding === null) return body;
  let compressed = 0;
  let plain = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      compressed += chunk.length;
      done(null, chunk);
    },
  });
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      plain += chunk.length;
      done(refusal(compressed, plain, limitBytes, tooLarge), chunk);
    },
  });
  const decoder = encoding === "gzip" ? createGunzip() : createZstdDecompress();
  pipeline(body, counted, decoder, bounded, () => undefined);
  const detail = `The body is not complete ${encoding} data.`;
  decoder.on("error", (cause) => bounded.destroy(new ProblemError("invalid_content_encoding", detail, { cause })));
  return bounded;
}

function refusal(
  compressed: number,
  plain: number,
  limitBytes: number,
  tooLarge: "dataset_too_large" | "body_too_large",
): ProblemError | null {
  if (plain > RATIO_FROM_BYTES && plain > compressed * MAX_COMPRESSION_RATIO) {
    const detail = `The body decompresses to more than ${MAX_COMPRESSION_RATIO} times its size.`;
    return new ProblemError("compression_ratio_exceeded", detail);
  }
  if (plain <= limitBytes + RATIO_FROM_BYTES) return null;
  return new ProblemError(tooLarge, `The content has more than ${limitBytes} bytes after decompression.`);
}
