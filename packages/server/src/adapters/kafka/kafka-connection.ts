import { isIP } from "node:net";
import type { BaseOptions } from "@platformatic/kafka";
import { DependencyUnavailable } from "../../domain/errors.ts";

/** How the brokers are reached. */
export interface KafkaConnection {
  /** `host:port`, one or more. */
  readonly bootstrapServers: readonly string[];
  readonly prefix: string;
  readonly compression: "none" | "lz4";
  readonly sasl: {
    readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
    readonly username: string;
    readonly password: string;
  } | null;
  /** null: not encrypted. Without certificates the usual authorities are trusted. */
  readonly tls: { readonly ca: string | null } | null;
}

const connectTimeoutMs = 3_000;
const requestTimeoutMs = 5_000;
const retryDelayMs = 100;
const metadataMaxAgeMs = 60_000;
export const RETRY_AFTER_SECONDS = 2;

/** What every client of ours is made with. A request is tried a few times; who waits longer than that asks again. */
export function clientOptions({ bootstrapServers, sasl, tls }: KafkaConnection, clientId: string): BaseOptions {
  return {
    clientId,
    bootstrapBrokers: [...bootstrapServers],
    connectTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    timeout: requestTimeoutMs,
    retries: 3,
    retryDelay: retryDelayMs,
    metadataMaxAge: metadataMaxAgeMs,
    autocreateTopics: false,
    ...(sasl === null ? {} : { sasl: { ...sasl } }),
    ...(tls === null ? {} : { tls: tls.ca === null ? {} : { ca: tls.ca }, tlsServerName: hasNames(bootstrapServers) }),
  };
}

/** @param error Of the client. Its message names hosts: it is for operators. */
export function unavailable(error: unknown): DependencyUnavailable {
  if (error instanceof DependencyUnavailable) return error;
  const message = `Kafka cannot be used: ${(error as Error).message}`;
  return new DependencyUnavailable("log", message, RETRY_AFTER_SECONDS, { cause: error });
}

/** Rejects when the work takes longer. The work itself goes on. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

/** An address is no name that a certificate is asked for by (RFC 6066). */
function hasNames(servers: readonly string[]): boolean {
  return servers.every((server) => isIP(server.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")) === 0);
}
