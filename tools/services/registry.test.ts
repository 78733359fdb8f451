import { afterEach, describe, expect, it } from "vitest";
import { startServices } from "./services.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

const media = "application/vnd.schemaregistry.v1+json";

async function call(url: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { "content-type": media },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const point = (...fields: object[]) =>
  JSON.stringify({ type: "record", name: "Point", fields: [{ name: "x", type: "double" }, ...fields] });

describe.each([
  ["in a file", false],
  ["in PostgreSQL", true],
])("the schema registry, keeping schemas %s", { timeout: 180_000 }, (_name, inPostgres) => {
  it("refuses what readers of older records could not read, and has all after kill -9", async () => {
    const services = await startServices({ postgres: inPostgres, registry: { inPostgres } });
    toStop.push(services.stop);
    const { registry } = services;
    const { url } = registry;
    const subject = "/subjects/tda_points-value";
    expect((await call(url, "PUT", "/config", { compatibility: "BACKWARD_TRANSITIVE" })).status).toBe(200);
    const first = await call(url, "POST", `${subject}/versions`, { schema: point() });
    expect(first.status).toBe(200);
    const withDefault = point({ name: "y", type: "double", default: 0 });
    const second = await call(url, "POST", `${subject}/versions`, { schema: withDefault });
    expect(second.status).toBe(200);
    expect(second.body.id).not.toBe(first.body.id);
    const refused = await call(url, "POST", `${subject}/versions`, { schema: point({ name: "z", type: "double" }) });
    expect(refused.status).toBe(409);
    await registry.kill();
    await registry.restart();
    expect(registry.url).toBe(url);
    const kept = await call(url, "GET", `/schemas/ids/${second.body.id}`);
    expect(JSON.parse(kept.body.schema as string)).toEqual(JSON.parse(withDefault));
    expect((await call(url, "GET", `${subject}/versions`)).body).toEqual([1, 2]);
    expect((await call(url, "GET", "/config")).body).toEqual({ compatibilityLevel: "BACKWARD_TRANSITIVE" });
  });
});
