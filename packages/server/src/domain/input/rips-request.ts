import type { CircularParameters } from "@tda-platform/contract/circular-coordinates";
import {
  RIPS_INPUT_NAMES,
  type RipsInputName,
  type RipsRequest,
  type SparseDistances,
} from "@tda-platform/contract/compute-input";
import { METRICS, type RipsParameters } from "@tda-platform/contract/compute-parameters";
import { type InputMediaType, MEDIA_TYPES, type RequestEncoding } from "@tda-platform/contract/media-types";
import type { EngineInput } from "@tda-platform/engine/types";
import { tableFromArrow } from "../datasets/formats/arrow/arrow-table.ts";
import { problemAt } from "../problem.ts";
import { canonicalInputSha256 } from "./canonical-input.ts";
import { tableFromCsv } from "./csv-input.ts";
import { decodeContent } from "./decode-content.ts";
import { distancesFromTable } from "./distances-input.ts";
import { parseJsonBody } from "./json-body.ts";
import { tableFromNpy } from "./npy-input.ts";
import { pointsFromTable } from "./points-input.ts";
import { readApproximation, readQuery, refuseQuery } from "./query-parameters.ts";
import { type RowTable, tableFromArrays } from "./row-table.ts";
import {
  type Finding,
  findInputErrors,
  findParameterErrors,
  type ParameterForm,
  refuseFindings,
} from "./schema-validation.ts";
import { sparseFromBody } from "./sparse-input.ts";

/** A computation's request as it came. */
export interface RawRipsRequest {
  readonly bytes: Buffer;
  readonly mediaType: InputMediaType;
  readonly encoding: RequestEncoding | null;
  /** Without the question mark. */
  readonly query: string;
  readonly bodyLimitBytes: number;
  /** Which parameters a JSON body has; those of a diagram unless told. */
  readonly form?: ParameterForm;
}

/** An input that is kept here, to be read for the caller's project (`DatasetInputs`). */
export interface DatasetReference {
  readonly kind: "dataset";
  readonly id: string;
}

/** The request as understood: an input and the parameters that were given, not yet resolved. */
export interface ParsedRipsRequest {
  readonly input: EngineInput | DatasetReference;
  readonly parameters: RipsParameters & Pick<CircularParameters, "bar" | "scale">;
  /** Empty for a dataset, which is not read yet. */
  readonly inputSha256: string;
}

/** The same with an input for the engine. */
export interface LoadedRipsRequest extends ParsedRipsRequest {
  /** Metric and exponent of points are filled in when the parameters are resolved. */
  readonly input: EngineInput;
}

/** Decompresses, parses and checks a request. @throws ProblemError for whatever is wrong with it. */
export function parseRipsRequest(raw: RawRipsRequest): ParsedRipsRequest {
  const bytes = decodeContent(raw.bytes, raw.encoding, raw.bodyLimitBytes);
  const { input, parameters } = raw.mediaType === MEDIA_TYPES.json ? fromJson(bytes, raw) : fromTable(bytes, raw);
  return { input, parameters, inputSha256: hashOf(input) };
}

function hashOf(input: ParsedRipsRequest["input"]): string {
  return input.kind === "dataset" ? "" : canonicalInputSha256(input);
}

/** The same where there are no datasets. @throws ProblemError also for one. */
export function parseInlineRequest(raw: RawRipsRequest): LoadedRipsRequest {
  const parsed = parseRipsRequest(raw);
  if (isLoaded(parsed)) return parsed;
  throw problemAt("not_supported", "/dataset_id", "There are no datasets here.");
}

/** Whether the input is at hand. */
export function isLoaded(parsed: ParsedRipsRequest): parsed is LoadedRipsRequest {
  return parsed.input.kind !== "dataset";
}

function fromJson(
  bytes: Buffer,
  { query, form = "rips" }: Omit<RawRipsRequest, "bytes">,
): Omit<ParsedRipsRequest, "inputSha256"> {
  return fromBody(parseJsonBody(bytes), form, refuseQuery(query, true));
}

/** The same of a body that is parsed already. */
export function parseRipsBody(body: unknown, form: ParameterForm): ParsedRipsRequest {
  const { input, parameters } = fromBody(body, form, []);
  return { input, parameters, inputSha256: hashOf(input) };
}

function fromBody(
  body: unknown,
  form: ParameterForm,
  queryFindings: readonly Finding[],
): Omit<ParsedRipsRequest, "inputSha256"> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw problemAt("validation_failed", "", "The body must be an object.");
  }
  const isInput = (name: string): name is RipsInputName => (RIPS_INPUT_NAMES as readonly string[]).includes(name);
  const parameters = Object.fromEntries(Object.entries(body).filter(([name]) => !isInput(name)));
  const inputs = Object.keys(body).filter(isInput);
  refuseFindings([...queryFindings, ...findParameterErrors(parameters, form), ...inputCountErrors(inputs)]);
  const name = inputs[0]!;
  refuseFindings(findInputErrors(name, (body as RipsRequest)[name]));
  return { input: inputFromBody(name, body as RipsRequest), parameters: parameters as RipsParameters };
}

function inputCountErrors(inputs: readonly RipsInputName[]): Finding[] {
  if (inputs.length === 1) return [];
  if (inputs.length === 0) {
    return [{ code: "missing_input", pointer: "", detail: `One of ${RIPS_INPUT_NAMES.join(", ")} is required.` }];
  }
  // The body as a whole is wrong, and each of the inputs may be the one too many.
  const detail = `Only one of ${RIPS_INPUT_NAMES.join(", ")} may be given.`;
  return ["", ...inputs.map((name) => `/${name}`)].map((pointer) => ({ code: "multiple_inputs", pointer, detail }));
}

function inputFromBody(name: RipsInputName, body: RipsRequest): EngineInput | DatasetReference {
  switch (name) {
    case "points":
      return pointsInput(tableFromArrays("points", body.points as number[][]));
    case "distances":
      return distancesFromTable(tableFromArrays("distances", body.distances as (number | null)[][]));
    case "sparse_distances":
      return sparseFromBody(body.sparse_distances as SparseDistances);
    case "dataset_id":
      return { kind: "dataset", id: body.dataset_id as string };
  }
}

function fromTable(bytes: Buffer, raw: RawRipsRequest): Omit<ParsedRipsRequest, "inputSha256"> {
  const { parameters: query, findings } = readQuery(raw.query);
  refuseFindings(findings);
  const { input_kind: name = "points", approximation, ...rest } = query;
  const parameters: RipsParameters =
    approximation === undefined ? rest : { ...rest, approximation: readApproximation(approximation) };
  refuseFindings(findParameterErrors(parameters, "rips"));
  return { input: inputFromTable(TABLE_READERS[raw.mediaType as TableMediaType](bytes, name)), parameters };
}

type TableMediaType = Exclude<InputMediaType, typeof MEDIA_TYPES.json>;

const TABLE_READERS: Readonly<Record<TableMediaType, (bytes: Buffer, name: RowTable["name"]) => RowTable>> = {
  [MEDIA_TYPES.csv]: tableFromCsv,
  [MEDIA_TYPES.npy]: tableFromNpy,
  [MEDIA_TYPES.arrow]: tableFromArrow,
};

/** Rows as what their name says that they are. @throws ProblemError */
export function inputFromTable(table: RowTable): EngineInput {
  return table.name === "points" ? pointsInput(table) : distancesFromTable(table);
}

function pointsInput(table: RowTable): EngineInput {
  return { ...pointsFromTable(table), metric: METRICS[0], minkowskiP: null };
}
