import { createHmac, type KeyObject } from "node:crypto";
import type { Engine } from "@tda-platform/engine/types";
import type { DatasetRecord } from "../datasets/ports.ts";
import type { RawRipsRequest } from "../input/rips-request.ts";
import type { ResolvedCircularRequest } from "./circular-request.ts";
import type { ResolvedRequest } from "./resolve-request.ts";

/**
 * The key of a result: an HMAC under the project's secret over everything that the result depends on, so that no project
 * learns by a key, a header or time what another computed. Threads and memory budget never change a result.
 */
export function contentKey(
  secret: KeyObject,
  request: ResolvedRequest,
  engine: Pick<Engine, "kind" | "version">,
): string {
  return resultKey(secret, "tda-result/1", request.inputSha256, request.parameters, engine);
}

/** The same of circular coordinates; a name apart. */
export function circularKey(
  secret: KeyObject,
  request: ResolvedCircularRequest,
  engine: Pick<Engine, "kind" | "version">,
): string {
  return resultKey(secret, "tda-circular-result/1", request.diagram.inputSha256, request.parameters, engine);
}

function resultKey(
  secret: KeyObject,
  name: string,
  inputSha256: string,
  { threads: _threads, memory_limit_bytes: _memory, ...parameters }: { threads: unknown; memory_limit_bytes: unknown },
  engine: Pick<Engine, "kind" | "version">,
): string {
  return createHmac("sha256", secret)
    .update(`${name}\n${engine.kind}\n${engine.version}\n${inputSha256}\n${JSON.stringify(parameters)}\n`)
    .digest("base64");
}

/** What a raw request's key covers beside the body. No part can contain a line end: all come from HTTP fields. */
export function rawKeyPrefix(operation: string, generation: string, raw: RawRipsRequest, prefer: string): string {
  const parts = ["tda-request/1", operation, generation, raw.mediaType, raw.encoding ?? "identity", raw.query, prefer];
  return `${parts.join("\n")}\n`;
}

/** The key of a request that names a dataset: by its content, so that equal datasets share what is known of them. */
export function datasetKey(
  secret: KeyObject,
  generation: string,
  { sha256, format, kind }: Pick<DatasetRecord, "sha256" | "format" | "kind">,
  parameters: object,
): string {
  const parts = ["tda-dataset-request/1", generation, sha256, format, kind, JSON.stringify(parameters)];
  return createHmac("sha256", secret).update(parts.join("\n")).digest("base64");
}

/** Changes whenever a setting, limit or version does on which the answer to a request depends. */
export function settingsGeneration(engine: Pick<Engine, "kind" | "version">, settings: object): string {
  return createHmac("sha256", "tda-generation/1")
    .update(JSON.stringify([engine.kind, engine.version, settings]))
    .digest("base64");
}
