/** Identifiers are a prefix and a UUIDv7, so that they say what they name and sort by time. */
export const ID_PREFIXES = {
  audit: "aud",
  blob: "blob",
  computation: "cmp",
  dataset: "ds",
  delivery: "dlv",
  erasure: "era",
  event: "evt",
  job: "job",
  key: "key",
  project: "prj",
  rejection: "rej",
  request: "req",
  result: "res",
  session: "ses",
  stream: "str",
  upload: "upl",
  user: "usr",
  worker: "wrk",
  webhook_secret: "whs",
} as const;
export type IdPrefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];

const UUID_V7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

/** Source of the regular expression of an identifier with this prefix. */
export function idPattern(prefix: IdPrefix): string {
  return `^${prefix}_${UUID_V7}$`;
}

/** A client's `X-Request-Id` is kept only in this form; otherwise the server makes one. */
export const REQUEST_ID_PATTERN = "^[A-Za-z0-9._-]{1,64}$";

/** Printable ASCII, as RFC 8941 strings are, with or without quotes. */
export const IDEMPOTENCY_KEY_PATTERN = "^[\\x21-\\x7e]{1,255}$";
