import type { AvroRecord } from "@tda-platform/contract/events/avro";

/** A schema as a registry keeps it. */
export interface RegisteredSchema {
  readonly id: number;
  /** 1, 2, … in its subject. */
  readonly version: number;
  readonly schema: AvroRecord;
}

/** Keeps the schemas that records were written in, by subject (a topic's name and `-value`) and under an identifier each. */
export interface SchemaRegistry {
  readonly kind: "embedded" | "remote";
  /**
   * Identifier of a schema of the subject; one that is there already keeps its own.
   * @throws IncompatibleSchema when it cannot read what the subject's earlier versions wrote; DependencyUnavailable.
   */
  register(subject: string, schema: AvroRecord): Promise<number>;
  /** The schema of an identifier, of whatever subject; null: there is none. @throws DependencyUnavailable */
  find(id: number): Promise<object | null>;
  /** Oldest first. @throws DependencyUnavailable */
  versions(subject: string): Promise<readonly RegisteredSchema[]>;
}

/** A schema does not read what older ones of its subject wrote. The message names the fields. */
export class IncompatibleSchema extends Error {
  override readonly name = "IncompatibleSchema";
}

/** @param topicName With the deployment's prefix. */
export function subjectOf(topicName: string): string {
  return `${topicName}-value`;
}
