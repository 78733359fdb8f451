/** A JSON Schema (draft 2020-12, the subset of draft-07 that ajv also reads) as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}
