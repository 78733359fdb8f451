import { readdirSync, readFileSync } from "node:fs";
import type { AvroRecord } from "@tda-platform/contract/events/avro";
import { TOPICS, type TopicDefinition } from "@tda-platform/contract/events/topics";
import { HttpSchemaRegistry } from "../adapters/schema-registry/http-schema-registry.ts";
import { loadSettings } from "../config/settings.ts";
import { DependencyUnavailable } from "../domain/errors.ts";
import { requireCompatible } from "../domain/log/schema-compatibility.ts";
import {
  IncompatibleSchema,
  type RegisteredSchema,
  type SchemaRegistry,
  subjectOf,
} from "../domain/log/schema-registry.ts";
import { StartError } from "../internal/start-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface CheckedSchema {
  readonly subject: string;
  readonly schema: string;
  /** Versions in the registry that it reads; null: there is no registry to ask. */
  readonly registered: number | null;
  /** Whether the last release had one, which it reads. */
  readonly isReleased: boolean;
  /** In the registry it is there already. */
  readonly isKnown: boolean;
}

/** Schemas of the last release, as the repository keeps them. */
const RELEASED = new URL("../../../contract/schemas/released/", import.meta.url);

/**
 * Whether the schemas of this release read what all versions in the registry, and the last release, wrote.
 * @param releasedDir Of the last release's schemas; the repository's own unless told.
 * @throws StartError that names the fields
 */
export async function checkSchemas(env: Environment, releasedDir?: string): Promise<readonly CheckedSchema[]> {
  const { registry, prefix } = registryOf(env);
  const released = readReleased(releasedDir);
  return await explained(async () => {
    const checked: CheckedSchema[] = [];
    for (const [topic, { schema }] of Object.entries<TopicDefinition>(TOPICS)) {
      const subject = subjectOf(prefix + topic);
      const last = released.get(schema.name);
      if (last !== undefined)
        requireCompatible(`${schema.name} of the last release`, schema, [{ version: 1, schema: last }]);
      const versions = registry === null ? null : await registry.versions(subject);
      if (versions !== null) requireCompatible(subject, schema, versions);
      checked.push({
        subject,
        schema: schema.name,
        registered: versions?.length ?? null,
        isReleased: last !== undefined,
        isKnown: versions !== null && isAmong(schema, versions),
      });
    }
    return checked;
  });
}

export interface RegisteredSubject {
  readonly subject: string;
  readonly schema: string;
  readonly id: number;
}

/** Registers the schemas of this release, each under its topic's subject. @throws StartError */
export async function registerSchemas(env: Environment): Promise<readonly RegisteredSubject[]> {
  const { registry, prefix } = registryOf(env);
  if (registry === null) {
    throw new StartError(
      "TDA_SCHEMA_REGISTRY_URL is not set: the schemas are in a table of the database, where the server registers them when it starts.",
    );
  }
  return await explained(async () => {
    const registered: RegisteredSubject[] = [];
    for (const [topic, { schema }] of Object.entries<TopicDefinition>(TOPICS)) {
      const subject = subjectOf(prefix + topic);
      requireCompatible(subject, schema, await registry.versions(subject));
      registered.push({ subject, schema: schema.name, id: await registry.register(subject, schema) });
    }
    return registered;
  });
}

function registryOf(env: Environment): { readonly registry: SchemaRegistry | null; readonly prefix: string } {
  const { schemaRegistryUrl: url, kafkaTopicPrefix: prefix } = loadSettings(env);
  return { registry: url === null ? null : new HttpSchemaRegistry({ url }), prefix };
}

function isAmong(schema: AvroRecord, versions: readonly RegisteredSchema[]): boolean {
  const text = JSON.stringify(schema);
  return versions.some((version) => JSON.stringify(version.schema) === text);
}

/** By their names; none where there is no such folder, as before the first release. */
function readReleased(dir: string | undefined): ReadonlyMap<string, AvroRecord> {
  try {
    const files = readdirSync(dir ?? RELEASED).filter((name) => name.endsWith(".avsc"));
    const at = (name: string) => (dir === undefined ? new URL(name, RELEASED) : `${dir}/${name}`);
    const schemas = files.map((name) => JSON.parse(readFileSync(at(name), "utf8")) as AvroRecord);
    return new Map(schemas.map((schema) => [schema.name, schema]));
  } catch (error) {
    if (dir === undefined && (error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new StartError(`The schemas of the last release cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IncompatibleSchema) throw new StartError(error.message, { cause: error });
    if (error instanceof DependencyUnavailable) throw new StartError(`${error.message}.`, { cause: error });
    throw error;
  }
}
