// The yardstick: Fastify with one route that parses the same JSON body and sends the same bytes back, and nothing else.
// usage: bare-server.ts ANSWER_FILE …   (route /0, /1, … each with its answer); prints the port.
import { readFileSync } from "node:fs";
import Fastify from "fastify";

const server = Fastify({ logger: false, bodyLimit: 64 * 1024 * 1024 });
process.argv.slice(2).forEach((file, index) => {
  const answer = readFileSync(file);
  server.post(`/${index}`, async (_request, reply) => reply.type("application/json; charset=utf-8").send(answer));
});
await server.listen({ host: "127.0.0.1", port: 0 });
const address = server.server.address();
process.stdout.write(`${typeof address === "object" && address !== null ? address.port : ""}\n`);
process.on("SIGTERM", () => server.close());
