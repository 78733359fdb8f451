import type { RipsParameters, RipsQuery } from "@tda-platform/contract/compute-parameters";
import { RIPS_QUERY_SCHEMA } from "@tda-platform/contract/compute-parameters";
import { escapePointer, type Finding, findQueryErrors } from "./schema-validation.ts";

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const types: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(RIPS_QUERY_SCHEMA.properties).map(([name, schema]) => [name, schema.type]),
);

/** Parameters of a query string, and what is wrong with them. A text that is no number stays a text, for the schema to refuse. */
export function readQuery(query: string): { parameters: RipsQuery; findings: Finding[] } {
  const entries = new Map<string, string | number>();
  const findings: Finding[] = [];
  for (const [name, text] of new URLSearchParams(query)) {
    const pointer = `/${escapePointer(name)}`;
    if (entries.has(name))
      findings.push({ code: "validation_failed", pointer, detail: "This parameter is given twice." });
    const isNumeric = types[name] === "number" || types[name] === "integer";
    entries.set(name, isNumeric && JSON_NUMBER.test(text) ? Number(text) : text);
  }
  const parameters = Object.fromEntries(entries);
  return { parameters: parameters as RipsQuery, findings: [...findings, ...findQueryErrors(parameters)] };
}

/** `approximation` of a query, which its schema has accepted, as the field of a body. */
export function readApproximation(text: string): NonNullable<RipsParameters["approximation"]> {
  const [method, value] = text.split(":");
  return method === "subsample" ? { method, points: Number(value) } : { method: "sparse-rips", epsilon: Number(value) };
}

/** Every parameter of a query string as something unknown there: where parameters belong into the body, or there are none. */
export function refuseQuery(query: string, isBodyJson: boolean): Finding[] {
  return [...new Set(new URLSearchParams(query).keys())].map((name) => ({
    code: "unknown_field",
    pointer: `/${escapePointer(name)}`,
    detail:
      isBodyJson && name in types
        ? "Parameters of a JSON request belong into its body."
        : "This parameter is not known.",
  }));
}
