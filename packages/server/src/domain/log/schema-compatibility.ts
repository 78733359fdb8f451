import type { AvroEnum, AvroRecord, AvroType } from "@tda-platform/contract/events/avro";
import { IncompatibleSchema, type RegisteredSchema } from "./schema-registry.ts";

/** What a reader of the first makes of the second's numbers and bytes. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  long: ["int"],
  double: ["int", "long"],
  bytes: ["string"],
  string: ["bytes"],
};

/**
 * Why a reader of one schema cannot read what another wrote (Avro 1.12, schema resolution), a sentence for each place;
 * none: it can.
 */
export function incompatibilities(reader: AvroType, writer: AvroType, place = ""): readonly string[] {
  if (isUnion(reader)) return ofNullableReader(reader, writer, place);
  if (isUnion(writer)) return [`${place} may be null in what was written, and no longer in what is read`];
  const [readerKind, writerKind] = [kindOf(reader), kindOf(writer)];
  if (readerKind !== writerKind) {
    if (PROMOTIONS[readerKind]?.includes(writerKind) === true) return [];
    return [`${place} was written as ${writerKind}, and is read as ${readerKind}`];
  }
  if (typeof reader === "string" || typeof writer === "string") return [];
  if (reader.type === "record" && writer.type === "record") return ofRecords(reader, writer, place);
  if (reader.type === "enum" && writer.type === "enum") return ofEnums(reader, writer, place);
  if (reader.type === "array" && writer.type === "array") {
    return incompatibilities(reader.items, writer.items, `${place}[]`);
  }
  return [];
}

/**
 * BACKWARD_TRANSITIVE: the schema reads what each of the earlier ones wrote.
 * @throws IncompatibleSchema that names the fields
 */
export function requireCompatible(
  subject: string,
  schema: AvroRecord,
  earlier: readonly Pick<RegisteredSchema, "version" | "schema">[],
): void {
  for (const { version, schema: written } of earlier) {
    const reasons = incompatibilities(schema, written);
    if (reasons.length === 0) continue;
    throw new IncompatibleSchema(`${subject} does not read its version ${version}: ${reasons.join("; ")}.`);
  }
}

function isUnion(type: AvroType): type is readonly ["null", AvroType] {
  return Array.isArray(type);
}

function kindOf(type: Exclude<AvroType, readonly ["null", AvroType]>): string {
  return typeof type === "string" ? type : type.type;
}

function ofNullableReader(reader: readonly ["null", AvroType], writer: AvroType, place: string): readonly string[] {
  if (writer === "null") return [];
  return incompatibilities(reader[1], isUnion(writer) ? writer[1] : writer, place);
}

function ofRecords(reader: AvroRecord, writer: AvroRecord, place: string): readonly string[] {
  const here = place === "" ? reader.name : place;
  if (reader.name !== writer.name) return [`${here} was written as ${writer.name}, and is read as ${reader.name}`];
  const written = new Map(writer.fields.map((field) => [field.name, field]));
  return reader.fields.flatMap((field) => {
    const there = written.get(field.name);
    if (there !== undefined) return incompatibilities(field.type, there.type, `${here}.${field.name}`);
    return field.default === undefined ? [`${here}.${field.name} is new and has no default`] : [];
  });
}

function ofEnums(reader: AvroEnum, writer: AvroEnum, place: string): readonly string[] {
  if (reader.default !== undefined) return [];
  const gone = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  return gone.length === 0 ? [] : [`${place} no longer knows ${gone.join(", ")}`];
}
