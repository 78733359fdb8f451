import { hash, randomBytes } from "node:crypto";
import type { RefreshToken } from "./ports.ts";

const FORM = /^tdr_([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** A token in the parts that are stored, as hashes; null: it has not the form of one. */
export function parseRefreshToken(text: string): RefreshToken | null {
  const [, family, secret] = FORM.exec(text) ?? [];
  return family === undefined || secret === undefined ? null : { family: sha256(family), secret: sha256(secret) };
}

/** The first token of a family, or the next of one that exists. */
export function newRefreshToken(previous: string | null): { text: string; token: RefreshToken } {
  const family = FORM.exec(previous ?? "")?.[1] ?? randomBytes(32).toString("base64url");
  const secret = randomBytes(32).toString("base64url");
  return { text: `tdr_${family}.${secret}`, token: { family: sha256(family), secret: sha256(secret) } };
}

/** With 256 random bits a plain hash cannot be searched. */
function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
