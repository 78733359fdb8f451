import { CIRCULAR_PARAMETERS_SCHEMA } from "@tda-platform/contract/circular-coordinates";
import { RIPS_INPUT_PROPERTIES, type RipsInputName } from "@tda-platform/contract/compute-input";
import { RIPS_PARAMETERS_SCHEMA, RIPS_QUERY_SCHEMA } from "@tda-platform/contract/compute-parameters";
import type { JsonSchema } from "@tda-platform/contract/json-schema";
import { MAX_PROBLEM_PLACES } from "@tda-platform/contract/limits";
import type { ProblemCode } from "@tda-platform/contract/problems";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { ProblemError } from "../problem.ts";

/** A wrong place and the code of the catalogue that names what is wrong there. */
export interface Finding {
  readonly code: ProblemCode;
  readonly pointer: string;
  readonly detail: string;
}

const SHARED = { strict: true, strictNumbers: true, allowUnionTypes: true } as const;
// An input stops at its first error: it may have millions. Parameters are few: all of theirs are told.
const inputAjv = new Ajv({ ...SHARED, allErrors: false });
const parameterAjv = new Ajv({ ...SHARED, allErrors: true });

const validateInput = Object.fromEntries(
  Object.entries(RIPS_INPUT_PROPERTIES).map(([name, schema]) => [name, inputAjv.compile(schema)]),
) as Record<RipsInputName, ValidateFunction>;
/** What a body's parameters are for: those of a diagram, or of circular coordinates. */
export type ParameterForm = "rips" | "circular";

const validateBodyParameters: Readonly<Record<ParameterForm, ValidateFunction>> = {
  rips: parameterAjv.compile(RIPS_PARAMETERS_SCHEMA),
  circular: parameterAjv.compile(CIRCULAR_PARAMETERS_SCHEMA),
};
const validateQuery = parameterAjv.compile(RIPS_QUERY_SCHEMA);

/** Errors of one input field by its schema; empty: it fits. Pointers start at the body. */
export function findInputErrors(name: RipsInputName, value: unknown): Finding[] {
  const validate = validateInput[name];
  return validate(value) ? [] : (validate.errors ?? []).map((error) => toFinding(error, `/${name}`));
}

/** Errors of the parameters, given as fields of the body. */
export function findParameterErrors(parameters: unknown, form: ParameterForm): Finding[] {
  const validate = validateBodyParameters[form];
  if (validate(parameters)) return [];
  return (validate.errors ?? []).filter(isTelling).map((error) => toFinding(error, ""));
}

/** Of "an object or null" only what is wrong with the object is worth telling. */
function isTelling({ keyword, params }: ErrorObject): boolean {
  return keyword !== "anyOf" && !(keyword === "type" && params.type === "null");
}

/** Errors of the parameters, given in the query and already read as numbers where they are numbers. */
export function findQueryErrors(parameters: unknown): Finding[] {
  return validateQuery(parameters) ? [] : (validateQuery.errors ?? []).map((error) => toFinding(error, ""));
}

function toFinding(error: ErrorObject, prefix: string): Finding {
  const base = prefix + error.instancePath;
  if (error.keyword === "additionalProperties") {
    const name = String(error.params.additionalProperty);
    return { code: "unknown_field", pointer: `${base}/${escapePointer(name)}`, detail: "This field is not known." };
  }
  return { code: codeOf(error.keyword, base), pointer: base, detail: detailOf(error) };
}

const DISTANCE = /^\/(distances\/\d+\/\d+|sparse_distances\/values\/\d+)$/;
const NUMBER = /^\/(points\/\d+\/\d+|distances\/\d+\/\d+|sparse_distances\/values\/\d+)$/;
const INDEX = /^\/sparse_distances\/(rows|cols)\/\d+$/;

function codeOf(keyword: string, pointer: string): ProblemCode {
  if (keyword === "type" && NUMBER.test(pointer)) return "not_a_number";
  if (keyword === "minimum" && DISTANCE.test(pointer)) return "negative_distance";
  if (keyword === "minimum" && INDEX.test(pointer)) return "index_out_of_range";
  if (keyword === "maximum" && pointer === "/max_dimension") return "dimension_limit_exceeded";
  if (keyword === "minimum" && pointer === "/minkowski_p") return "invalid_metric";
  if ((keyword === "minimum" || keyword === "maximum") && pointer === "/coefficient_field") {
    return "invalid_coefficient_field";
  }
  return "validation_failed";
}

function detailOf(error: ErrorObject): string {
  if (error.keyword === "enum") return `Must be one of ${(error.params.allowedValues as string[]).join(", ")}.`;
  if (error.keyword === "type") {
    const types = [error.params.type as string | string[]].flat();
    const isNumeric = types.includes("number") || types.includes("integer");
    return `Must be ${isNumeric ? "a finite " : ""}${types.join(" or ")}.`;
  }
  const message = error.message ?? "is not valid";
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
/** A name as a reference token of a JSON Pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Holds values to a schema of the contract: what is wrong, of all of it. */
export function compileSchema(schema: JsonSchema): (value: unknown) => Finding[] {
  const validate = parameterAjv.compile(schema);
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).filter(isTelling).map((error) => toFinding(error, ""));
}

/** @throws ProblemError of the first finding, with the places of all (as many as a problem lists). */
export function refuseFindings(findings: readonly Finding[]): void {
  const [first] = findings;
  if (first === undefined) return;
  const places = findings.slice(0, MAX_PROBLEM_PLACES).map(({ pointer, detail }) => ({ pointer, detail }));
  throw new ProblemError(first.code, first.detail, { places });
}
