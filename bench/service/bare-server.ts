// The yardsticks: Fastify with nothing but a route that sends the bytes of the simple call's answer, and one that parses the
// body of the compute call and sends the bytes of its answer. Takes both answers as JSON; prints the port.
import { text } from "node:stream/consumers";
import Fastify from "fastify";

const answers = JSON.parse(await text(process.stdin)) as { compute: string; version: string };
const compute = Buffer.from(answers.compute, "latin1");
const version = Buffer.from(answers.version, "latin1");
const server = Fastify({ logger: false });
server.get("/version", async (_request, reply) => reply.type("application/json; charset=utf-8").send(version));
server.post("/compute", async (_request, reply) => reply.type("application/json; charset=utf-8").send(compute));
await server.listen({ host: "127.0.0.1", port: 0 });
const address = server.server.address();
process.stdout.write(`${typeof address === "object" && address !== null ? address.port : ""}\n`);
process.on("SIGTERM", () => server.close());
