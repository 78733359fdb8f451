import { DATASET_QUERY_SCHEMA, type DatasetQuery } from "@tda-platform/contract/datasets";
import { MAX_HEADER_BYTES } from "@tda-platform/contract/limits";
import type { FastifyRequest } from "fastify";
import { formatOfMediaType, formatOfName } from "../../../domain/datasets/formats/formats.ts";
import type { UploadDescription } from "../../../domain/datasets/upload-service.ts";
import { compileSchema, refuseFindings } from "../../../domain/input/schema-validation.ts";
import { problemAt } from "../../../domain/problem.ts";
import { datasetName } from "./incoming.ts";
import { uploadLength } from "./tus.ts";

const findErrors = compileSchema(DATASET_QUERY_SCHEMA);
const KEY = /^[\x21-\x2b\x2d-\x7e]{1,100}$/;

/** What a new upload says of itself. Clients of the protocol send `filename` and `filetype`; what else they send is kept. */
export function describeUpload(request: FastifyRequest): UploadDescription {
  const length = uploadLength(request);
  const metadata = String(request.raw.headers["upload-metadata"] ?? "");
  const pairs = readMetadata(metadata);
  const given: Record<string, string> = {};
  for (const name of Object.keys(DATASET_QUERY_SCHEMA.properties)) {
    const value = pairs.get(name);
    if (value !== undefined) given[name] = value;
  }
  refuseFindings(findErrors(given));
  const { name, format, input_kind: kind = null } = given as DatasetQuery;
  const fileName = pairs.get("filename") ?? name ?? "upload";
  return {
    length,
    metadata,
    kind,
    name: name ?? datasetName(fileName),
    format: format ?? formatOfMediaType(pairs.get("filetype") ?? "") ?? formatOfName(fileName),
  };
}

function readMetadata(header: string): Map<string, string> {
  const pairs = new Map<string, string>();
  if (header.length > MAX_HEADER_BYTES) throw wrong();
  for (const pair of header.split(",").map((part) => part.trim())) {
    if (pair === "") continue;
    const [key, encoded = "", ...rest] = pair.split(" ");
    if (key === undefined || !KEY.test(key) || rest.length > 0 || pairs.has(key)) throw wrong();
    pairs.set(key, Buffer.from(encoded, "base64").toString("utf8"));
  }
  return pairs;
}

function wrong(): Error {
  const detail = "Upload-Metadata must be pairs of a name and a value in base64, comma-separated.";
  return problemAt("validation_failed", "/Upload-Metadata", detail);
}
