// Stands where your own service would: takes webhooks on http://127.0.0.1:9000 and prints them. It does not verify their signature,
// as a real receiver has to: docs/how-to/receive-webhooks.md.
// Usage: node examples/receive-alerts.mjs [PORT]
import { createServer } from "node:http";

const port = Number(process.argv[2] ?? 9000);
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.writeHead(204).end();
  const { type, data } = JSON.parse(Buffer.concat(chunks).toString());
  console.log(request.headers["webhook-id"], type, data);
}).listen(port, "127.0.0.1", () => console.log(`Waiting for webhooks on http://127.0.0.1:${port}.`));
