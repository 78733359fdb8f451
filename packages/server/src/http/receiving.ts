import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";

/** After a refusal so much is read and thrown away, so that the client gets to read the answer. */
const DRAIN_BYTES = 268_435_456;

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
