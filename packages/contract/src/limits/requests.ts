import type { LimitDefinition } from "./definition.ts";
import {
  HEADERS_TIMEOUT_SECONDS,
  IDEMPOTENCY_ANSWER_BYTES,
  IDEMPOTENCY_HOURS,
  MAX_COMPRESSION_RATIO,
  MAX_HEADER_BYTES,
  MAX_JSON_DEPTH,
  MAX_PROBLEM_PLACES,
  PAGE_MAX_ITEMS,
  REQUEST_TIMEOUT_SECONDS,
} from "./values.ts";

/** Of requests and their answers. */
export const REQUESTS_LIMITS = {
  body_bytes: {
    unit: "bytes",
    value: { setting: "bodyLimitBytes" },
    summary: "A request body, after decompression.",
    problem: "body_too_large",
  },
  compression_ratio: {
    unit: "times",
    value: { fixed: MAX_COMPRESSION_RATIO },
    summary: "Decompressed size of a body over its compressed size.",
    problem: "compression_ratio_exceeded",
  },
  json_depth: {
    unit: "levels",
    value: { fixed: MAX_JSON_DEPTH },
    summary: "Nesting of arrays and objects in a JSON body.",
    problem: "json_too_deep",
  },
  header_bytes: {
    unit: "bytes",
    value: { fixed: MAX_HEADER_BYTES },
    summary: "Request line and headers together.",
    problem: "headers_too_large",
  },
  request_id_characters: {
    unit: "characters",
    value: { fixed: 64 },
    summary: "A client's `X-Request-Id`; a longer one is replaced.",
    problem: null,
  },
  problem_places: {
    unit: "count",
    value: { fixed: MAX_PROBLEM_PLACES },
    summary: "Places that one problem document lists.",
    problem: null,
  },
  headers_seconds: {
    unit: "seconds",
    value: { fixed: HEADERS_TIMEOUT_SECONDS },
    summary: "Time for the headers of a request to arrive.",
    problem: "request_timeout",
  },
  request_seconds: {
    unit: "seconds",
    value: { fixed: REQUEST_TIMEOUT_SECONDS },
    summary: "Time for a whole request to arrive.",
    problem: "request_timeout",
  },
  page_items: {
    unit: "count",
    value: { fixed: PAGE_MAX_ITEMS },
    summary: "Items of one page of a list.",
    problem: "validation_failed",
  },
  cache_bytes: {
    unit: "bytes",
    value: { setting: "cacheLimitBytes" },
    summary: "Cached results in memory; the least recently used leave first.",
    problem: null,
  },
  shared_cache_value_bytes: {
    unit: "bytes",
    value: { setting: "sharedCacheValueBytes" },
    summary: "A result that is kept in the shared cache, where there is one.",
    problem: null,
  },
  requests_per_second: {
    unit: "requests_per_second",
    value: { setting: "rateLimitPerSecond" },
    summary: "Requests of one API key or user; 0: no limit.",
    problem: "rate_limited",
  },
  requests_at_once: {
    unit: "count",
    value: { setting: "rateLimitBurst" },
    summary: "Requests of one API key or user after a pause, at once.",
    problem: "rate_limited",
  },
  idempotency_seconds: {
    unit: "seconds",
    value: { fixed: IDEMPOTENCY_HOURS * 3600 },
    summary: "Time for which the answer to a request with an `Idempotency-Key` is kept.",
    problem: null,
  },
  idempotency_answer_bytes: {
    unit: "bytes",
    value: { fixed: IDEMPOTENCY_ANSWER_BYTES },
    summary: "An answer that is kept for an `Idempotency-Key`.",
    problem: null,
  },
} as const satisfies Record<string, LimitDefinition>;
