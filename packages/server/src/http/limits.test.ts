import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, until } from "../../test/support/test-bed.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const points = {
  points: [
    [0, 0],
    [1, 0],
    [0, 1],
  ],
  max_dimension: 1,
};
const fresh = () => ({
  points: [
    [Math.random(), 0],
    [1, 0],
    [0, 1],
  ],
  max_dimension: 1,
});

async function refusal(response: Response): Promise<{ code: string; status: number; retryAfter: number }> {
  const { code, status } = (await response.json()) as { code: string; status: number };
  return { code, status, retryAfter: Number(response.headers.get("retry-after")) };
}

describe("request rate", () => {
  it("answers tell the limit and what is left of it, also those from the cache", async () => {
    const { post, get } = await bed.server({ env: { TDA_RATE_LIMIT_PER_SECOND: "0.01", TDA_RATE_LIMIT_BURST: "5" } });
    const answers = [await post(points), await post(points), await get("/v1/version")];
    expect(answers.map(({ headers }) => headers.get("ratelimit-policy"))).toEqual(Array(3).fill('"caller";q=5;w=500'));
    expect(answers.map(({ headers }) => /^"caller";r=(\d+);t=\d+$/.exec(headers.get("ratelimit") ?? "")?.[1])).toEqual([
      "4",
      "3",
      "2",
    ]);
  });

  it("beyond it: 429 with Retry-After, whatever is asked, and nothing else is done", async () => {
    const { post, get } = await bed.server({ env: { TDA_RATE_LIMIT_PER_SECOND: "0.1", TDA_RATE_LIMIT_BURST: "2" } });
    expect([(await post(points)).status, (await get("/v1/limits")).status]).toEqual([200, 200]);
    for (const response of [await post(points), await get("/v1/version")]) {
      expect(await refusal(response)).toEqual({ code: "rate_limited", status: 429, retryAfter: 10 });
      expect(response.headers.get("ratelimit")).toMatch(/^"caller";r=0;t=20$/);
    }
    expect((await get("/health/live")).status).toBe(200);
    expect(await (await get("/metrics")).text()).toMatch(
      /tda_rate_limited_total\{code="rate_limited"\} 2|"code":"rate_limited"/,
    );
  });

  it("a project's limit holds beside a caller's", async () => {
    const { get } = await bed.server({ env: { TDA_PROJECT_RATE_LIMIT_PER_SECOND: "2" } });
    const answers = [await get("/v1/version"), await get("/v1/version"), await get("/v1/version")];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[0]!.headers.get("ratelimit")).toMatch(/^"project";r=1;/);
    expect(answers[0]!.headers.get("ratelimit-policy")).toBe('"caller";q=100000;w=1, "project";q=2;w=1');
  });

  it("none: no headers", async () => {
    const { get } = await bed.server({ env: { TDA_RATE_LIMIT_PER_SECOND: "0" } });
    const { headers } = await get("/v1/version");
    expect([headers.get("ratelimit"), headers.get("ratelimit-policy")]).toEqual([null, null]);
  });

  it("a request without valid credentials uses up nobody's limit", async () => {
    const env = { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_RATE_LIMIT_PER_SECOND: "0.1", TDA_RATE_LIMIT_BURST: "1" };
    const { get, apiKey } = await bed.server({ env });
    for (let i = 0; i < 3; i++) expect((await get("/v1/version", { "x-api-key": "wrong" })).status).toBe(401);
    expect((await get("/v1/version", { "x-api-key": apiKey })).status).toBe(200);
  });
});

describe("quotas of a project", () => {
  it("computations at the same time", async () => {
    const { createTypeScriptEngine } = await import("@tda-platform/engine/typescript/index");
    const engine = createTypeScriptEngine();
    const gate = Promise.withResolvers<void>();
    const slow = Object.assign(Object.create(engine), {
      vietorisRips: async (...call: Parameters<typeof engine.vietorisRips>) => {
        await gate.promise;
        return engine.vietorisRips(...call);
      },
    });
    const env = { TDA_PROJECT_CONCURRENT_COMPUTATIONS: "1", TDA_ENGINE_HOSTS: "4" };
    const { post, get } = await bed.server({ env, engine: slow });
    const first = post(fresh());
    const used = async () =>
      ((await (await get("/v1/limits")).json()) as { limits: { name: string; used: number | null }[] }).limits.find(
        ({ name }) => name === "project_concurrent_computations",
      )?.used;
    await until(async () => (await used()) === 1);
    const response = await post(fresh());
    expect(await refusal(response)).toEqual({ code: "concurrency_limit_exceeded", status: 429, retryAfter: 2 });
    gate.resolve();
    expect((await first).status).toBe(200);
    expect((await post(fresh())).status).toBe(200);
    expect(await used()).toBe(0);
  });

  it("CPU seconds of the hour, by all instances together; cached answers go on", async () => {
    const { post } = await bed.server({ env: { TDA_PROJECT_CPU_SECONDS_PER_HOUR: "1" } });
    const known = fresh();
    expect((await post(known)).status).toBe(200);
    await bed.database.usage.add([
      {
        projectId: bed.database.defaultProjectId,
        hour: new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000),
        ...{ requests: 0, computations: 0, cpuSeconds: 1, bytesReceived: 0, bytesSent: 0 },
      },
    ]);
    const refused = await until(async () => {
      const response = await post(fresh());
      return response.status === 429 && response;
    });
    const { code, retryAfter } = await refusal(refused);
    expect(code).toBe("cpu_quota_exceeded");
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(3600);
    expect((await post(known)).status).toBe(200);
    await bed.rows("delete from tda.usage_hours");
  });

  it("jobs that wait or run", async () => {
    const { post, get } = await bed.server({ env: { TDA_PROJECT_JOBS: "2" } });
    const submit = () => post({ algorithm: "vietoris-rips", input: fresh() }, {}, "/v1/jobs/compute");
    const [first, second] = [await submit(), await submit()];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect((await refusal(await submit())).code).toBe("job_quota_exceeded");
    const { limits } = (await (await get("/v1/limits")).json()) as { limits: { name: string; used: number }[] };
    expect(limits.find(({ name }) => name === "project_jobs")).toMatchObject({ value: 2, used: 2 });
    const { job_id } = (await first.json()) as { job_id: string };
    await post("", { "content-type": "application/json" }, `/v1/jobs/${job_id}/cancel`);
    await until(async () => (await submit()).status === 202);
    await post({}, {}, "/v1/jobs/cancel");
  });

  it("bytes that it stores: deleting makes room", async () => {
    const { url, get } = await bed.server({ env: { TDA_PROJECT_STORAGE_BYTES: "100" } });
    const upload = (text: string) =>
      fetch(`${url}/v1/datasets`, { method: "POST", headers: { "content-type": "text/csv" }, body: text });
    const rows = "1,2\n".repeat(20);
    const first = await upload(rows);
    expect(first.status).toBe(201);
    const used = async () => {
      const { limits } = (await (await get("/v1/limits")).json()) as { limits: { name: string; used: number }[] };
      return limits.find(({ name }) => name === "project_storage_bytes")?.used;
    };
    expect(await used()).toBe(rows.length);
    expect((await refusal(await upload(rows))).code).toBe("storage_quota_exceeded");
    const create = { method: "POST", headers: { "tus-resumable": "1.0.0", "upload-length": "21" } };
    expect((await fetch(`${url}/v1/uploads`, create)).status).toBe(429);
    await fetch(url + first.headers.get("location"), { method: "DELETE" });
    expect((await upload(rows)).status).toBe(201);
  });
});

describe("use", () => {
  it("is told by the hour, with what was asked, computed and carried", async () => {
    await bed.rows("delete from tda.usage_hours");
    const { post, get } = await bed.server();
    for (let i = 0; i < 3; i++) expect((await post(points)).status).toBe(200);
    expect((await post(fresh())).status).toBe(200);
    const hour = await until(async () => {
      const { items } = (await (await get("/v1/usage")).json()) as { items: Record<string, number>[] };
      return (items[0]?.requests ?? 0) >= 4 && items[0];
    });
    expect(hour.computations).toBe(2);
    expect(hour.cpu_seconds).toBeGreaterThan(0);
    expect(hour.bytes_received).toBeGreaterThan(4 * JSON.stringify(points).length);
    expect(hour.bytes_sent).toBeGreaterThan(4 * 200);
    expect(new Date(String(hour.hour)).getTime() % 3_600_000).toBe(0);
  });

  it("has pages, and a beginning and an end", async () => {
    await bed.rows("delete from tda.usage_hours");
    await bed.rows(
      `insert into tda.usage_hours (project_id, hour, requests)
       select $1, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour', n from generate_series(0, 9) as n`,
      [bed.database.defaultProjectId],
    );
    const { get } = await bed.server();
    const read = async (query: string) =>
      (await (await get(`/v1/usage?${query}`)).json()) as {
        items: { hour: string; requests: number }[];
        next_cursor: string | null;
      };
    const period = "from=2026-01-01T02:00:00Z&to=2026-01-01T08:00:00Z";
    const first = await read(`${period}&limit=4`);
    expect(first.items.map(({ requests }) => requests)).toEqual([7, 6, 5, 4]);
    const second = await read(`${period}&limit=4&cursor=${first.next_cursor}`);
    expect([second.items.map(({ requests }) => requests), second.next_cursor]).toEqual([[3, 2], null]);
    for (const wrong of ["cursor=abc", "from=yesterday", "from=2026-13-01T00:00:00Z", "of=me", "limit=0"]) {
      expect((await get(`/v1/usage?${wrong}`)).status, wrong).toBe(422);
    }
  });
});
