// The yardsticks: Fastify with nothing but routes that parse the same JSON body and send the same answer. Route /bytes/0 sends
// it as ready bytes, the least that a route can do; /object/0 returns it as an object, as most routes do.
// usage: bare-server.ts ANSWER_FILE …   (/…/0, /…/1, … each with its answer); prints the port.
import { readFileSync } from "node:fs";
import Fastify from "fastify";

const server = Fastify({ logger: false, bodyLimit: 64 * 1024 * 1024 });
process.argv.slice(2).forEach((file, index) => {
  const answer = readFileSync(file);
  const object: unknown = JSON.parse(answer.toString("utf8"));
  server.post(`/bytes/${index}`, async (_request, reply) => reply.type("application/json; charset=utf-8").send(answer));
  server.post(`/object/${index}`, async () => object);
});
await server.listen({ host: "127.0.0.1", port: 0 });
const address = server.server.address();
process.stdout.write(`${typeof address === "object" && address !== null ? address.port : ""}\n`);
process.on("SIGTERM", () => server.close());
