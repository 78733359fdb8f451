/**
 * The part of Avro 1.12 (https://avro.apache.org/docs/1.12.0/specification/) that events are written in, and the TypeScript
 * type of a value of a schema. The only unions are those with null: what else would be one is fields that may be null.
 */
export type AvroPrimitive = "null" | "boolean" | "int" | "long" | "double" | "bytes" | "string";

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string;
  /** Of readers of older records; required of every field that comes to a record after its first release. */
  readonly default?: null | boolean | number | string | readonly never[];
}

export interface AvroRecord {
  readonly type: "record";
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}

export interface AvroEnum {
  readonly type: "enum";
  readonly name: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
  /** What a reader makes of a symbol that it does not know. */
  readonly default?: string;
}

export interface AvroArray {
  readonly type: "array";
  readonly items: AvroType;
}

export type AvroType = AvroPrimitive | AvroRecord | AvroEnum | AvroArray | readonly ["null", AvroType];

/** Of Avro's `int` and `long` (up to 2^53 in size), `double`, `bytes` … as they are in TypeScript. */
export type AvroValue<T> = T extends "string"
  ? string
  : T extends "int" | "long" | "double"
    ? number
    : T extends "boolean"
      ? boolean
      : T extends "bytes"
        ? Uint8Array
        : T extends "null"
          ? null
          : T extends readonly ["null", infer Other]
            ? AvroValue<Other> | null
            : T extends { readonly type: "enum"; readonly symbols: readonly (infer Symbols)[] }
              ? Symbols
              : T extends { readonly type: "array"; readonly items: infer Item }
                ? readonly AvroValue<Item>[]
                : T extends { readonly type: "record"; readonly fields: readonly (infer Field)[] }
                  ? {
                      readonly [F in Field as F extends { readonly name: infer Name extends string }
                        ? Name
                        : never]: F extends { readonly type: infer Type } ? AvroValue<Type> : never;
                    }
                  : never;

/** Of all our schemas, and so the package of the Java classes made from them. */
export const EVENT_NAMESPACE = "org.tdaplatform.events";
