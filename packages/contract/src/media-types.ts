/** Media types that the API reads and writes. */
export const MEDIA_TYPES = {
  json: "application/json",
  problem: "application/problem+json",
  csv: "text/csv",
  npy: "application/x-npy",
  arrow: "application/vnd.apache.arrow.stream",
  form: "application/x-www-form-urlencoded",
  ndjson: "application/x-ndjson",
  arrowFile: "application/vnd.apache.arrow.file",
  parquet: "application/vnd.apache.parquet",
  /** Ripser's lower-distance text; there is no registered name. */
  lowerDistance: "text/x-lower-distance",
  multipart: "multipart/form-data",
  bytes: "application/octet-stream",
  tusPatch: "application/offset+octet-stream",
  text: "text/plain",
  html: "text/html",
  events: "text/event-stream",
} as const;

/** What a computation's input may come as. */
export const INPUT_MEDIA_TYPES = [MEDIA_TYPES.json, MEDIA_TYPES.csv, MEDIA_TYPES.npy, MEDIA_TYPES.arrow] as const;
export type InputMediaType = (typeof INPUT_MEDIA_TYPES)[number];

/** Content codings of request bodies, one layer at most. */
export const REQUEST_ENCODINGS = ["gzip", "zstd"] as const;
export type RequestEncoding = (typeof REQUEST_ENCODINGS)[number];
