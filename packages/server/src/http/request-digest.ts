import { createHash, type Hash } from "node:crypto";
import { Readable, Transform, type TransformCallback } from "node:stream";
import type { FastifyRequest } from "fastify";
import { rawQuery } from "./request-context.ts";

/** Headers that say what the body means, or stand in for one (tus). */
const MEANING = [
  "content-type",
  "content-encoding",
  "upload-length",
  "upload-metadata",
  "upload-defer-length",
] as const;

/** A digest of what a request asks for, before its body. Not its path, which may be an alias: only the path's parameters. */
function digestOfHead(request: FastifyRequest): Hash {
  const { headers } = request.raw;
  const parts = [request.params ?? {}, rawQuery(request), ...MEANING.map((name) => headers[name] ?? null)];
  return createHash("sha256").update(`tda-request/1\n${JSON.stringify(parts)}\n`);
}

/** SHA-256 of what a request asks for; null: its body is still arriving. */
export function requestDigest(request: FastifyRequest): Buffer | null {
  const { body } = request;
  if (body instanceof Readable) return null;
  const hash = digestOfHead(request);
  return (body instanceof Uint8Array ? hash.update(body) : hash).digest();
}

/** Takes the digest of a body on its way to whoever reads it. */
export class DigestTap extends Transform {
  readonly #hash: Hash;
  #digest: Buffer | null = null;

  /** Puts itself before the request's body. */
  static before(request: FastifyRequest): DigestTap {
    const tap = new DigestTap(digestOfHead(request));
    const body = request.body as Readable;
    body.on("error", (error) => tap.destroy(error));
    // A body that ends before its end must not look like a whole one.
    body.once("close", () => {
      if (!body.readableEnded) tap.destroy(new Error("the body ended before its end"));
    });
    request.body = body.pipe(tap);
    return tap;
  }

  private constructor(hash: Hash) {
    super();
    this.#hash = hash;
    // Whoever reads it hears of its errors; a client that leaves before anybody reads must not end the process.
    this.on("error", () => undefined);
  }

  /** null: the body has not been read to its end. */
  get digest(): Buffer | null {
    return this.#digest;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.#digest = this.#hash.digest();
    done();
  }
}

/** Reads a body to its end, keeping nothing but its digest. */
export async function drainedDigest(request: FastifyRequest): Promise<Buffer> {
  const hash = digestOfHead(request);
  for await (const chunk of request.body as Readable) hash.update(chunk as Buffer);
  return hash.digest();
}
