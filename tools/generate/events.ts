/**
 * Writes packages/contract/schemas/ (an Avro file for each kind of record, for other languages' generators) and
 * docs/reference/events.md from the schemas in packages/contract/src/events/. With --check it only compares. With --release it
 * also keeps the schemas as those of a release, which later ones must read (`tda schemas check`).
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AvroField, AvroRecord, AvroType } from "@tda-platform/contract/events/avro";
import { CLOUD_EVENT_TYPES, EVENT_HEADERS } from "@tda-platform/contract/events/headers";
import { TOPICS, type TopicDefinition } from "@tda-platform/contract/events/topics";
import { incompatibilities } from "../../packages/server/src/domain/log/schema-compatibility.ts";
import { writePage } from "./support/write-page.ts";

const folder = new URL("../../packages/contract/schemas/", import.meta.url);
const topics = Object.entries<TopicDefinition>(TOPICS);

for (const [, { schema }] of topics) writeSchema(schema);

function writeSchema(schema: AvroRecord): void {
  const file = `${schema.name}.avsc`;
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.argv.includes("--check")) {
    const released = readSaved(`released/${file}`);
    for (const reason of released === null ? [] : incompatibilities(schema, JSON.parse(released) as AvroRecord)) {
      console.error(`What the last release wrote is not read: ${reason}.`);
      process.exitCode = 1;
    }
    if (readSaved(file) === text) return;
    console.error(
      `packages/contract/schemas/${file} is not what the contract says: run \`node tools/generate/events.ts\`.`,
    );
    process.exitCode = 1;
    return;
  }
  mkdirSync(new URL("released/", folder), { recursive: true });
  writeFileSync(new URL(file, folder), text);
  if (process.argv.includes("--release")) writeFileSync(new URL(`released/${file}`, folder), text);
}

function readSaved(file: string): string | null {
  try {
    return readFileSync(new URL(file, folder), "utf8");
  } catch {
    return null;
  }
}

const text = `# Events

Generated from \`packages/contract/src/events/\` by \`node tools/generate/events.ts\`: change it there.

Everything that happens is a record of a topic: in Kafka, or in tables of the database where there is no Kafka
([how to use Kafka](../how-to/use-kafka.md)). A topic's name there begins with \`KAFKA_TOPIC_PREFIX\`, \`tda_\` unless told.

A record's value is Avro 1.12 in the schema registry's wire format: a zero byte, the schema's identifier (4 bytes, big-endian), the
binary form. The subject of a schema is its topic's name and \`-value\`; a new version reads what all earlier ones wrote
(\`BACKWARD_TRANSITIVE\`). The schemas are files too: \`packages/contract/schemas/\`. A value has at most 4 MiB.

A key's records are in one partition, in order: murmur2 of the key's UTF-8 bytes, as Kafka's own clients place them, for which
\`streaming/golden/partitioner.json\` has vectors. Delivery is at least once: a record may come again, and what tells a repetition is named below.

## Headers

| header | value |
| --- | --- |
${Object.entries(EVENT_HEADERS)
  .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  .join("\n")}

## Topics

| topic | key | partitions | kept | records |
| --- | --- | --- | --- | --- |
${topics.map(topicRow).join("\n")}

${topics.map(section).join("\n")}`;

function topicRow([name, { key, partitions, isCompacted, retentionDays, schema, summary }]: [
  string,
  TopicDefinition,
]): string {
  const kept = isCompacted ? "newest of each key" : `${retentionDays} days`;
  return `| [\`${name}\`](#${name}) | ${key} | ${partitions} | ${kept} | \`${schema.name}\`. ${summary} |`;
}

function section([name, { schema }]: [string, TopicDefinition]): string {
  const types = CLOUD_EVENT_TYPES[name as keyof typeof CLOUD_EVENT_TYPES];
  const told = `\n\n\`ce_type\`: ${types.map((type) => `\`${type}\``).join(", ")}.`;
  const tables = recordsOf(schema).map(
    (record) =>
      `**${record.name}**${record.doc === undefined ? "" : `: ${record.doc}`}\n\n| field | type | |\n| --- | --- | --- |\n${record.fields.map(fieldRow).join("\n")}`,
  );
  return `## ${name}${told}\n\n${tables.join("\n\n")}\n`;
}

function fieldRow({ name, type, doc }: AvroField): string {
  return `| \`${name}\` | ${typeName(type)} | ${doc ?? ""} |`;
}

function typeName(type: AvroType): string {
  if (typeof type === "string") return type;
  if (isNullable(type)) return `${typeName(type[1])} or null`;
  if (type.type === "array") return `array of ${typeName(type.items)}`;
  return type.type === "enum" ? type.symbols.map((symbol) => `\`${symbol}\``).join(", ") : type.name;
}

/** The record, and those within it. */
function recordsOf(type: AvroType): readonly AvroRecord[] {
  if (typeof type === "string") return [];
  if (isNullable(type)) return recordsOf(type[1]);
  if (type.type === "array") return recordsOf(type.items);
  return type.type === "record" ? [type, ...type.fields.flatMap((field) => recordsOf(field.type))] : [];
}

function isNullable(type: AvroType): type is readonly ["null", AvroType] {
  return Array.isArray(type);
}

writePage("events.md", "events.ts", text);
