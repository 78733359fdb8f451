import { type PostgresServer, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestBed, type TestServer, until } from "../../../test/support/test-bed.ts";

let services: Awaited<ReturnType<typeof startServices<{ postgres: true }>>>;
let postgres: PostgresServer;
let bed: TestBed;
let server: TestServer;
let key: { readonly "x-api-key": string };
beforeAll(async () => {
  services = await startServices({ postgres: true });
  postgres = services.postgres;
  bed = await TestBed.on(postgres);
  server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
  key = { "x-api-key": server.apiKey };
});
afterAll(async () => {
  await bed.end();
  await services.stop();
});

const known = {
  points: [
    [0, 0],
    [1, 0],
    [0, 1],
  ],
};
const fresh = () => ({
  points: [
    [Math.random(), 0],
    [1, 0],
    [0, 1],
  ],
});

async function refused(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(((await response.json()) as { code: string }).code).toBe("storage_unavailable");
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
}

it.each([
  ["killed", () => postgres.kill(), () => postgres.restart()],
  ["frozen", () => postgres.freeze(), () => postgres.resume()],
])(
  "PostgreSQL %s: 503, readiness red, what is known goes on, and all is well again without a restart",
  async (_how, fail, recover) => {
    const { post, get } = server;
    expect((await post(known, key)).status).toBe(200);
    expect((await get("/health/ready")).status).toBe(200);
    await fail();
    // One that is under way when it freezes is answered too, and does not wait for a statement's time.
    await refused(await post(fresh(), key));
    await until(() => bed.database.circuit.state === "open");
    const start = performance.now();
    await refused(await post(fresh(), key));
    // Without a connection attempt or its time limit of three seconds.
    expect(performance.now() - start).toBeLessThan(2_000);
    const ready = await get("/health/ready");
    expect([ready.status, ((await ready.json()) as { code: string }).code]).toEqual([503, "not_ready"]);
    const { dependencies } = (await (await get("/health/dependencies")).json()) as { dependencies: { name: string }[] };
    expect(dependencies.find(({ name }) => name === "database")).toMatchObject({
      status: "down",
      circuit: expect.stringMatching(/open/),
    });
    // A key that was verified shortly before, and an answer from the cache: no need of the database.
    const cached = await post(known, key);
    expect([cached.status, cached.headers.get("cache-status")]).toEqual([200, "tda; hit"]);
    // A key that was not is not let in.
    await refused(await post(known, { "x-api-key": `tda_AAAAAAAA_${"A".repeat(43)}` }));
    await recover();
    await until(async () => (await get("/health/ready")).status === 200);
    await until(async () => (await post(fresh(), key)).status === 200);
    expect(bed.database.circuit.state).toBe("closed");
  },
);
