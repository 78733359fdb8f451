import { setTimeout as sleep } from "node:timers/promises";
import type { AvroRecord } from "@tda-platform/contract/events/avro";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { IncompatibleSchema, type RegisteredSchema, type SchemaRegistry } from "../../domain/log/schema-registry.ts";

export interface HttpSchemaRegistryOptions {
  /** Of the Confluent-compatible API; Apicurio's ends in `/apis/ccompat/v7`. A user and password in it are sent. */
  readonly url: string;
  readonly timeoutMs?: number;
}

const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
const COMPATIBILITY = "BACKWARD_TRANSITIVE";
const standardTimeoutMs = 5_000;
const attempts = 3;
const firstWaitMs = 100;
const retryAfterSeconds = 5;
/** A schema of ours has a few kilobytes. */
const answerLimitBytes = 1_048_576;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A schema registry by the HTTP interface that Confluent's and Apicurio's have in common. */
export class HttpSchemaRegistry implements SchemaRegistry {
  readonly kind = "remote";
  readonly #base: string;
  readonly #authorization: string | null;
  readonly #timeoutMs: number;

  constructor({ url, timeoutMs = standardTimeoutMs }: HttpSchemaRegistryOptions) {
    const parsed = new URL(url);
    const { username, password } = parsed;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#authorization = username === "" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`;
    parsed.username = "";
    parsed.password = "";
    this.#base = parsed.href.replace(/\/+$/, "");
    this.#timeoutMs = timeoutMs;
  }

  async register(subject: string, schema: AvroRecord): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    const body = { schema: JSON.stringify(schema), schemaType: "AVRO" };
    const found = await this.#ask("POST", path, body);
    if (found.status === 200) return idOf(found);
    // Before the first version, so that none comes to the subject unchecked.
    await this.#accepted("PUT", `/config/${encodeURIComponent(subject)}`, { compatibility: COMPATIBILITY });
    const made = await this.#ask("POST", `${path}/versions`, body);
    if (made.status === 409) {
      throw new IncompatibleSchema(`The registry refuses the schema of ${subject}: ${messageOf(made)}.`);
    }
    if (made.status !== 200) throw unexpected(made);
    return idOf(made);
  }

  async find(id: number): Promise<object | null> {
    const answer = await this.#ask("GET", `/schemas/ids/${id}`);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw unexpected(answer);
    return schemaOf(answer);
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const listed = await this.#ask("GET", path);
    if (listed.status === 404) return [];
    if (listed.status !== 200 || !Array.isArray(listed.body)) throw unexpected(listed);
    const found: RegisteredSchema[] = [];
    for (const version of listed.body as readonly number[]) {
      const answer = await this.#accepted("GET", `${path}/${version}`);
      found.push({ id: idOf(answer), version, schema: schemaOf(answer) as AvroRecord });
    }
    return found.sort((a, b) => a.version - b.version);
  }

  async #accepted(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.#ask(method, path, body);
    if (answer.status !== 200) throw unexpected(answer);
    return answer;
  }

  /** An answer below 500. All that is asked may be asked again. @throws DependencyUnavailable */
  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#send(method, path, body);
        if (answer.status < 500 && answer.status !== 429) return answer;
        throw unexpected(answer);
      } catch (error) {
        if (attempt === attempts) throw unavailable(error as Error);
      }
      await sleep(firstWaitMs * 4 ** (attempt - 1));
    }
  }

  async #send(method: string, path: string, body?: object): Promise<Answer> {
    const headers: Record<string, string> = { accept: CONTENT_TYPE };
    if (this.#authorization !== null) headers.authorization = this.#authorization;
    if (body !== undefined) headers["content-type"] = CONTENT_TYPE;
    const response = await fetch(this.#base + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      bytes += part.length;
      if (bytes > answerLimitBytes) throw new Error("the answer is too long");
      parts.push(part);
    }
    const text = Buffer.concat(parts).toString("utf8");
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }
}

function idOf(answer: Answer): number {
  const { id } = (answer.body ?? {}) as { readonly id?: unknown };
  if (!Number.isInteger(id)) throw unexpected(answer);
  return id as number;
}

function schemaOf(answer: Answer): object {
  const { schema, schemaType } = (answer.body ?? {}) as { readonly schema?: unknown; readonly schemaType?: unknown };
  if (typeof schema !== "string" || (schemaType ?? "AVRO") !== "AVRO") throw unexpected(answer);
  return JSON.parse(schema) as object;
}

function messageOf({ body }: Answer): string {
  const { message } = (body ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message.replace(/\.$/, "") : "without a reason";
}

function unexpected(answer: Answer): DependencyUnavailable {
  return unavailable(new Error(`it answered ${answer.status}: ${messageOf(answer)}`));
}

function unavailable(cause: Error): DependencyUnavailable {
  if (cause instanceof DependencyUnavailable) return cause;
  const message = `The schema registry cannot be used: ${cause.message}`;
  return new DependencyUnavailable("log", message, retryAfterSeconds, { cause });
}
