import type { DatasetFormat } from "@tda-platform/contract/datasets";
import { ProblemError } from "../problem.ts";
import { formatOfFirstBytes, LONGEST_MAGIC_BYTES } from "./formats/formats.ts";

/** Ends with a problem where a content goes beyond a limit. @throws ProblemError `dataset_too_large` */
export async function* limited(content: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > limitBytes) {
      throw new ProblemError("dataset_too_large", `The content has more than ${limitBytes} bytes.`);
    }
    yield piece;
  }
}

/** A content and its format by its first bytes; null: they do not tell. */
export async function peekFormat(
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly format: DatasetFormat | null; readonly content: AsyncIterable<Uint8Array> }> {
  const iterator = content[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < LONGEST_MAGIC_BYTES) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    first.push(Uint8Array.from(value));
    length += value.length;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* first;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { format: formatOfFirstBytes(Buffer.concat(first)), content: whole() };
}
