import type { IncomingHttpHeaders } from "node:http";
import type { ByteRange } from "../domain/storage/blob-store.ts";

const RANGE = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

/**
 * The one range that a request asks for (RFC 9110, 14); null: all of it, also when several are asked for, or `If-Range` is
 * about another content.
 */
export function requestedRange(
  headers: IncomingHttpHeaders,
  etag: string,
  bytes: number,
): ByteRange | "unsatisfiable" | null {
  const match = RANGE.exec(headers.range?.replaceAll(" ", "") ?? "");
  if (match === null) return null;
  const condition = headers["if-range"];
  if (condition !== undefined && condition !== etag) return null;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), bytes);
    return length === 0 ? "unsatisfiable" : { start: bytes - length, end: bytes };
  }
  const start = Number(first);
  const end = last === "" || last === undefined ? bytes : Math.min(Number(last) + 1, bytes);
  if (last !== "" && Number(last) < start) return null;
  return start >= bytes ? "unsatisfiable" : { start, end };
}

/** Whether `If-None-Match` names this content; the comparison is weak, as it is for reading (RFC 9110, 13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((part) => part.trim() === "*" || part.trim().replace(/^W\//, "") === etag);
}
