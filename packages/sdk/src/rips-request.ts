import type { RipsRequest } from "@tda-platform/contract/compute-input";
import type { RipsQuery } from "@tda-platform/contract/compute-parameters";
import type { InputMediaType } from "@tda-platform/contract/media-types";
import type { Request } from "./http.ts";

/** An input as the bytes of a file, with its parameters; the server reads it as it is. */
export interface RawRipsRequest {
  readonly type: Exclude<InputMediaType, "application/json">;
  readonly content: string | Uint8Array<ArrayBuffer>;
  readonly parameters?: RipsQuery;
}

/** The HTTP request of a computation: JSON as one body, raw bytes with the parameters in the query. */
export function ripsHttpRequest(path: string, request: RipsRequest | RawRipsRequest): Request {
  if (!isRaw(request)) {
    const body = { type: "application/json", content: JSON.stringify(request) };
    return { method: "POST", path, body, idempotent: true };
  }
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.parameters ?? {})) {
    if (value !== undefined && value !== null) query[name] = String(value);
  }
  return {
    method: "POST",
    path,
    query,
    body: { type: request.type, content: request.content },
    // A computation creates nothing that a second one could disturb.
    idempotent: true,
  };
}

function isRaw(request: RipsRequest | RawRipsRequest): request is RawRipsRequest {
  return "content" in request;
}
