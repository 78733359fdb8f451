import type { JsonSchema } from "@tda-platform/contract/json-schema";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyRequest } from "fastify";
import { compileSchema, escapePointer, type Finding, refuseFindings } from "../domain/input/schema-validation.ts";
import { ProblemError } from "../domain/problem.ts";
import { jsonReader } from "./json-request.ts";

const FORM_LIMIT_BYTES = 65_536;

/** Reads a body of plain texts, as OAuth's endpoints get it: a form (RFC 6749), or the same as JSON. */
export function formReader<Body>(schema: JsonSchema): (request: FastifyRequest) => Body {
  const readJson = jsonReader<Body>(schema);
  const findErrors = compileSchema(schema);
  return (request) => {
    const { "content-type": type, "content-encoding": encoding } = request.raw.headers;
    if (type?.split(";", 1)[0]?.trim().toLowerCase() !== MEDIA_TYPES.form) return readJson(request);
    if (encoding !== undefined) throw new ProblemError("unsupported_content_encoding", "Forms are not compressed.");
    const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
    if (bytes.length > FORM_LIMIT_BYTES) {
      throw new ProblemError("body_too_large", `A form has at most ${FORM_LIMIT_BYTES} bytes.`);
    }
    const values: Record<string, string> = Object.create(null);
    const findings: Finding[] = [];
    for (const [name, text] of new URLSearchParams(bytes.toString("utf8"))) {
      if (name in values) {
        const pointer = `/${escapePointer(name)}`;
        findings.push({ code: "validation_failed", pointer, detail: "This field is given twice." });
      }
      values[name] = text;
    }
    refuseFindings([...findings, ...findErrors(values)]);
    return values as Body;
  };
}
