import type { JsonSchema } from "@tda-platform/contract/json-schema";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyRequest } from "fastify";
import { decodeContent } from "../domain/input/decode-content.ts";
import { parseJsonBody } from "../domain/input/json-body.ts";
import { compileSchema, type Finding, refuseFindings } from "../domain/input/schema-validation.ts";
import { ProblemError } from "../domain/problem.ts";
import { contentEncoding } from "./content-encoding.ts";
import { rawQuery } from "./request-context.ts";

/** Bodies of operations that create and change things; those of computations and uploads have limits of their own. */
const JSON_BODY_LIMIT_BYTES = 1_048_576;

/** Reads the JSON body of a request and holds it to a schema. The type is for the caller to say, from the schema. */
export function jsonReader<Body>(schema: JsonSchema): (request: FastifyRequest) => Body {
  const findErrors = compileSchema(schema);
  return (request) => {
    const body = readJson(request);
    refuseFindings(findErrors(body));
    return body as Body;
  };
}

/** The JSON body of a request, for whoever holds it to a schema. @throws ProblemError */
export function readJson(request: FastifyRequest): unknown {
  const mediaType = request.raw.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== MEDIA_TYPES.json) {
    throw new ProblemError("unsupported_media_type", `The body must be ${MEDIA_TYPES.json}.`);
  }
  const encoding = contentEncoding(request.raw.headers["content-encoding"]);
  const bytes = decodeContent(request.body as Buffer, encoding, JSON_BODY_LIMIT_BYTES);
  if (bytes.length > JSON_BODY_LIMIT_BYTES) {
    throw new ProblemError("body_too_large", `The body has more than ${JSON_BODY_LIMIT_BYTES} bytes.`);
  }
  return parseJsonBody(bytes);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Reads the query of a request and holds it to a schema of plain values; numbers and booleans are read as such. */
export function queryReader<Query>(schema: JsonSchema): (request: FastifyRequest) => Query {
  const findErrors = compileSchema(schema);
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  return (request) => {
    const values: Record<string, unknown> = {};
    const findings: Finding[] = [];
    for (const [name, text] of new URLSearchParams(rawQuery(request))) {
      if (Object.hasOwn(values, name)) {
        findings.push({ code: "validation_failed", pointer: `/${name}`, detail: "This parameter is given twice." });
      }
      values[name] = readValue(text, properties[name]?.type);
    }
    refuseFindings([...findings, ...findErrors(values)]);
    return values as Query;
  };
}

function readValue(text: string, type: unknown): unknown {
  if ((type === "integer" || type === "number") && NUMBER.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}
