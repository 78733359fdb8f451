import type { Readable } from "node:stream";
import { DATASET_QUERY_SCHEMA, type DatasetQuery } from "@tda-platform/contract/datasets";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyRequest } from "fastify";
import type { IncomingDataset } from "../../../domain/datasets/dataset-service.ts";
import { formatOfMediaType, formatOfName } from "../../../domain/datasets/formats/formats.ts";
import { compileSchema, refuseFindings } from "../../../domain/input/schema-validation.ts";
import { problemAt } from "../../../domain/problem.ts";
import { contentEncoding } from "../../content-encoding.ts";
import { decodedStream } from "../../decoded-stream.ts";
import { queryReader } from "../../json-request.ts";
import { readFormFile } from "./form-file.ts";

const readQuery = queryReader<DatasetQuery>(DATASET_QUERY_SCHEMA);
const findErrors = compileSchema(DATASET_QUERY_SCHEMA);

/** The dataset that a request brings, in a form or as its body. @throws ProblemError */
export async function incomingDataset(
  request: FastifyRequest,
  body: Readable,
  limitBytes: number,
): Promise<IncomingDataset> {
  const query = readQuery(request);
  const { headers } = request.raw;
  const encoding = contentEncoding(headers["content-encoding"]);
  const content = decodedStream(body, encoding, limitBytes);
  const mediaType = mediaTypeOf(headers["content-type"]);
  if (mediaType === MEDIA_TYPES.multipart) {
    const file = await readFormFile(
      headers["content-type"] ?? "",
      content,
      Object.keys(DATASET_QUERY_SCHEMA.properties),
    );
    refuseFindings(findErrors(file.fields));
    const given = { ...query, ...(file.fields as DatasetQuery) };
    // What comes around the file is part of the length: it is known only afterwards.
    return { ...described(given, file.mediaType, file.name), length: null, content: file.content };
  }
  if (headers["content-length"] === "0" || (headers["content-length"] ?? headers["transfer-encoding"]) === undefined) {
    throw problemAt("validation_failed", "", "The request has no body.");
  }
  const length =
    encoding === null && headers["content-length"] !== undefined ? Number(headers["content-length"]) : null;
  return { ...described(query, mediaType, null), length, content };
}

function described(
  { name, format, input_kind: kind }: DatasetQuery,
  mediaType: string,
  fileName: string | null,
): Pick<IncomingDataset, "name" | "format" | "kind"> {
  const known = format ?? formatOfMediaType(mediaType) ?? formatOfName(fileName ?? name ?? "");
  return { name: name ?? datasetName(fileName ?? "dataset"), format: known, kind: kind ?? null };
}

function mediaTypeOf(header: string | undefined): string {
  return header?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** The name of a file as that of a dataset: without folders and control characters, 200 characters at most. */
export function datasetName(fileName: string): string {
  const last = fileName.split(/[/\\]/).at(-1) ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  const name = last.replaceAll(/[\u0000-\u001f\u007f]/g, "").trim();
  return [...name].slice(0, 200).join("") || "dataset";
}
