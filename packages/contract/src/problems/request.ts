import type { ProblemDefinition } from "./definition.ts";

/** The request can't be read: HTTP, framing, size, media type. */
export const REQUEST_PROBLEMS = {
  bad_request: {
    status: 400,
    title: "Malformed HTTP request",
    retryable: false,
    meaning: "The request line, a header or the framing of the body breaks the rules of HTTP.",
    remedy: "Send well-formed HTTP/1.1.",
  },
  invalid_json: {
    status: 400,
    title: "Body is not JSON",
    retryable: false,
    meaning: "The body is not one complete JSON text in UTF-8 (truncated, `NaN` or `Infinity` tokens, invalid UTF-8).",
    remedy: "Send JSON as RFC 8259 defines it; an absent distance is `null`.",
  },
  json_too_deep: {
    status: 400,
    title: "JSON nested too deeply",
    retryable: false,
    meaning: "Arrays and objects are nested deeper than the limit `json_depth`. The body was not parsed further.",
    remedy: "No valid request nests deeper than three levels.",
  },
  invalid_csv: {
    status: 400,
    title: "Body is not CSV",
    retryable: false,
    meaning: "The body is not UTF-8, or a quoted field is broken; the detail names the line.",
    remedy: "Send comma-separated values as RFC 4180 describes them.",
  },
  invalid_npy: {
    status: 400,
    title: "Body is not an NPY file",
    retryable: false,
    meaning: "The magic string, the version, the header or the amount of data is not that of an NPY file.",
    remedy: "Write the file with `numpy.save` and send all of it.",
  },
  invalid_content_encoding: {
    status: 400,
    title: "Body can't be decompressed",
    retryable: false,
    meaning: "The body is not complete data of the coding that `Content-Encoding` names.",
    remedy: "Compress the whole body once, by gzip or zstd, and name that coding.",
  },
  not_found: {
    status: 404,
    title: "Not found",
    retryable: false,
    meaning: "Nothing is at this path, or the caller may not see it.",
    remedy: "Check the path against /openapi.json.",
  },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed",
    retryable: false,
    meaning: "The path exists, with other methods; `Allow` names them.",
    remedy: "Use one of the methods in `Allow`.",
  },
  request_timeout: {
    status: 408,
    title: "Request took too long to arrive",
    retryable: true,
    meaning: "The headers or the body did not arrive within the limit `request_seconds`.",
    remedy: "Send the request again over a faster connection, compressed.",
  },
  body_too_large: {
    status: 413,
    title: "Body too large",
    retryable: false,
    meaning: "The body has more bytes, after decompression, than the limit `body_bytes`.",
    remedy: "Send less, or raise `TDA_BODY_LIMIT_BYTES`.",
  },
  compression_ratio_exceeded: {
    status: 413,
    title: "Body compressed too well",
    retryable: false,
    meaning:
      "The body decompresses to more than `compression_ratio` times its size (a guard against decompression bombs).",
    remedy: "Send the body uncompressed.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Media type not supported",
    retryable: false,
    meaning: "The body's `Content-Type` is absent or none that the operation reads.",
    remedy: "Send application/json, text/csv or application/x-npy.",
  },
  unsupported_content_encoding: {
    status: 415,
    title: "Content coding not supported",
    retryable: false,
    meaning: "`Content-Encoding` names a coding that is not read, or more than one.",
    remedy: "Use gzip or zstd, once, or none.",
  },
  headers_too_large: {
    status: 431,
    title: "Headers too large",
    retryable: false,
    meaning: "The request line and headers have more bytes than the limit `header_bytes`.",
    remedy: "Shorten the URL or the headers.",
  },
} as const satisfies Record<string, ProblemDefinition>;
