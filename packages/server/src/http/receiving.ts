import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { bodyProblem } from "./streamed-body.ts";

/** After a refusal so much is read and thrown away, so that the client gets to read the answer. */
const DRAIN_BYTES = 268_435_456;

/**
 * The bytes of a body that is still arriving, after what has to be known first; what is wrong then leaves the rest unread. For
 * bodies as they are: many small ones a second need no stream in between.
 */
export async function receivingBytes<First>(
  request: FastifyRequest,
  limitBytes: number,
  first: () => Promise<First>,
): Promise<{ readonly first: First; readonly bytes: Buffer }> {
  const body = request.body as Readable | undefined;
  try {
    const known = await first();
    return { first: known, bytes: body === undefined ? EMPTY : await bytesOf(request, body, limitBytes) };
  } finally {
    if (body !== undefined && !body.readableEnded && !body.destroyed) drain(request, body);
  }
}

const EMPTY = Buffer.alloc(0);

function bytesOf(request: FastifyRequest, body: Readable, limitBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let received = 0;
  const take = (chunk: Buffer): void => {
    received += chunk.length;
    const problem = bodyProblem(request, chunk.length, received, limitBytes);
    if (problem === null) chunks.push(chunk);
    else {
      body.off("data", take);
      reject(problem);
    }
  };
  body.on("data", take);
  body.once("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
  body.once("error", reject);
  // Comes after the end as well: an error for each request would cost as much as its points.
  body.once("close", () => {
    if (!body.readableEnded) reject(new ProblemError("bad_request", "The body ended before its end."));
  });
  return promise;
}

/** Works with a body that is still arriving. What is not read of it is thrown away, up to a bound. */
export async function receiving<Result>(
  request: FastifyRequest,
  work: (body: Readable) => Promise<Result>,
): Promise<Result> {
  const body = (request.body ?? Readable.from([])) as Readable;
  // Giving up reading must not end the connection, on which the answer goes out.
  const content = Readable.from(body.iterator({ destroyOnReturn: false }), { objectMode: false });
  content.on("error", () => undefined);
  try {
    return await work(content);
  } finally {
    content.destroy();
    if (!body.readableEnded && !body.destroyed) drain(request, body);
  }
}

function drain(request: FastifyRequest, body: Readable): void {
  let left = DRAIN_BYTES;
  body.on("error", () => undefined);
  body.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.raw.destroy();
  });
}
