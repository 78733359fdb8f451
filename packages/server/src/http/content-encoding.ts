import { REQUEST_ENCODINGS, type RequestEncoding } from "@tda-platform/contract/media-types";
import { ProblemError } from "../domain/problem.ts";

const encodings: ReadonlyMap<string, RequestEncoding | null> = new Map<string, RequestEncoding | null>([
  ...REQUEST_ENCODINGS.map((name) => [name, name] as const),
  ["x-gzip", "gzip"],
  ["identity", null],
]);

/** What a `Content-Encoding` header asks for; null: the body is as it is. @throws ProblemError of status 415. */
export function contentEncoding(header: string | undefined): RequestEncoding | null {
  if (header === undefined) return null;
  const encoding = encodings.get(header.trim().toLowerCase());
  if (encoding !== undefined) return encoding;
  throw new ProblemError("unsupported_content_encoding", `Bodies may be ${REQUEST_ENCODINGS.join(" or ")}, once.`);
}
