import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { randomPoints, toCsv, unitSquare } from "./support/inputs.ts";
import { type Target, target } from "./support/product.ts";
import { type ComputeAnswer, computed, type Problem, refused } from "./support/shapes.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

const compute = "/v1/compute/vietoris-rips";

describe("the answer", () => {
  it("fills in the defaults", async () => {
    const { parameters, provenance } = computed(await api.compute({ points: unitSquare }));
    expect(parameters).toMatchObject({
      metric: "euclidean",
      minkowski_p: null,
      max_dimension: 1,
      threshold: null,
      coefficient_field: 2,
      edge_collapse: "auto",
      representatives: "none",
      approximation: null,
    });
    expect(provenance).toMatchObject({ coefficient_field: 2, threshold: Math.SQRT2, truncated: false });
  });

  it("accepts every field at its default, null included", async () => {
    const request = {
      points: unitSquare,
      metric: "euclidean",
      minkowski_p: null,
      max_dimension: 1,
      threshold: null,
      coefficient_field: 2,
      edge_collapse: "auto",
      representatives: "none",
      threads: null,
      memory_limit_bytes: null,
      approximation: null,
    };
    const given = computed(await api.compute(request));
    const absent = computed(await api.compute({ points: unitSquare }));
    expect(given.parameters).toEqual(absent.parameters);
    expect(given.diagrams).toEqual(absent.diagrams);
  });

  it("has no number that JSON cannot hold", async () => {
    const answer = await api.compute({ distances: [[], [null]] });
    expect(answer.text()).not.toMatch(/Infinity|NaN|1e999/);
    expect(computed(answer).provenance).toMatchObject({ threshold: null, truncated: false });
  });

  it("is the same at the path without a version", async () => {
    const points = randomPoints(20, 2, 31);
    const versioned = computed(await api.compute({ points }));
    const plain = computed(await api.post("/compute/vietoris-rips", { points }));
    expect({ ...plain, id: versioned.id }).toEqual(versioned);
  });
});

describe("the cache", () => {
  it("misses, then hits, and gives a new id and nothing else new", async () => {
    const points = randomPoints(40, 3, 32);
    const answers = [];
    for (let turn = 0; turn < 4; turn++) answers.push(await api.compute({ points, max_dimension: 2 }));
    expect(answers.map((answer) => answer.headers["cache-status"])).toEqual([
      "tda; fwd=miss",
      "tda; hit",
      "tda; hit",
      "tda; hit",
    ]);
    const bodies = answers.map(computed);
    expect(new Set(bodies.map((body) => body.id)).size).toBe(4);
    for (const body of bodies) expect({ ...body, id: "" }).toEqual({ ...bodies[0], id: "" });
    const withoutId = answers.map((answer, index) => answer.text().replace(bodies[index]!.id, "cmp_"));
    expect(new Set(withoutId).size).toBe(1);
  });

  it("knows an input by its content, however it is written", async () => {
    const points = randomPoints(20, 2, 33);
    points[0] = [0, 1];
    computed(await api.compute({ points }));
    const minusZero = JSON.stringify(points).replace("[[0,1]", "[[-0,1.0]");
    const again = [
      await api.compute(`{ "max_dimension" : 1,\n "points" : ${JSON.stringify(points, null, 2)} }`),
      await api.compute(`{"points":${minusZero}}`),
      await api.compute({ points, threads: 2 }),
      await api.computeFile(toCsv(points), "text/csv"),
    ];
    expect(again.map((answer) => answer.headers["cache-status"])).toEqual(again.map(() => "tda; hit"));
  });

  it("keeps apart what differs in a parameter of the result", async () => {
    const points = randomPoints(20, 2, 34);
    const variants = [
      {},
      { max_dimension: 2 },
      { coefficient_field: 3 },
      { threshold: 0.5 },
      { metric: "manhattan" },
      { metric: "minkowski", minkowski_p: 3 },
      { metric: "minkowski", minkowski_p: 4 },
    ];
    for (const variant of variants) {
      const answer = await api.compute({ points, ...variant });
      expect(answer.headers["cache-status"], JSON.stringify(variant)).toBe("tda; fwd=miss");
      expect(computed(answer).parameters).toMatchObject(variant);
    }
    const [square, matrix] = ["points", "distances"].map((kind) => ({
      [kind]: [
        [0, 3],
        [3, 0],
      ],
    }));
    const answers = [computed(await api.compute(square)), computed(await api.compute(matrix))];
    expect(answers.map((answer) => answer.diagrams[0]![0]![1])).toEqual([Math.sqrt(18), 3]);
  });

  it("keeps apart the same bytes under another media type or query", async () => {
    const body = "0,3\n3,0\n";
    const death = async (query: Record<string, string>) => {
      const turns: ComputeAnswer[] = [];
      for (let turn = 0; turn < 2; turn++) turns.push(computed(await api.computeFile(body, "text/csv", query)));
      return turns.map(({ diagrams }) => diagrams[0]![0]![1]);
    };
    expect(await death({})).toEqual([Math.sqrt(18), Math.sqrt(18)]);
    expect(await death({ input_kind: "distances" })).toEqual([3, 3]);
    expect(await death({ metric: "manhattan" })).toEqual([6, 6]);
    refused(await api.call(compute, { headers: { "Content-Type": "application/json" }, body }), 400, "invalid_json");
  });

  it("never keeps a failure", async () => {
    const points = randomPoints(100, 3, 35);
    refused(await api.compute({ points, max_dimension: 2, memory_limit_bytes: 4096 }), 422, "memory_limit_exceeded");
    const answer = await api.compute({ points, max_dimension: 2 });
    expect(answer.headers["cache-status"]).toBe("tda; fwd=miss");
    computed(answer);
  });
});

describe("problems", () => {
  it("say what happened in the terms of RFC 9457, and no more", async () => {
    const answer = await api.compute({ points: [[0], [1, 2]] });
    const problem = refused(answer, 422, "ragged_rows", "/points/1");
    expect(problem.instance).toContain(compute);
    expect(Object.keys(problem)).not.toContain("stack");
  });

  it("list several wrong places at once", async () => {
    const problem = refused(await api.compute({ points: [], treshold: 1, maxdim: 2 }), 422, "unknown_field");
    expect((problem.errors ?? []).map((error) => error.pointer).sort()).toEqual(["/maxdim", "/treshold"]);
  });

  it("have a type that leads to their documentation", async () => {
    const { type } = refused(await api.compute({}), 422, "missing_input");
    const page = await api.get(new URL(type, `${api.url}/`).href.replace(api.url, "").replace(/#.*/, ""));
    expect(page.status).toBe(200);
    expect(page.text()).toContain("missing_input");
  });
});

describe("methods and paths", () => {
  it("answers 404 for a path that is not there", async () => {
    refused(await api.get("/v1/nothing"), 404, "not_found");
    refused(await api.post("/v1/compute/vietoris-ribs", { points: [] }), 404, "not_found");
  });

  it.each(["GET", "PUT", "DELETE", "PATCH", "HEAD"])(
    "answers 405 for %s of a computation and names POST",
    async (method) => {
      const answer = await api.call(compute, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow?.split(/, */)).toContain("POST");
      if (method !== "HEAD") refused(answer, 405, "method_not_allowed");
    },
  );

  it("answers 405 for POST of what can only be read", async () => {
    for (const path of ["/health/live", "/openapi.json", "/v1/limits"]) {
      const answer = await api.post(path, {});
      refused(answer, 405, "method_not_allowed");
      expect(answer.headers.allow?.split(/, */)).toContain("GET");
    }
  });

  it.each(["/health/live", "/health/ready", "/openapi.json", "/v1/version", "/docs"])(
    "answers HEAD of %s as GET, without the body",
    async (path) => {
      const [get, head] = [await api.get(path), await api.call(path, { method: "HEAD" })];
      expect(head.status).toBe(get.status);
      expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
      expect(head.body).toHaveLength(0);
    },
  );

  it.each([
    "/%",
    "/v1/%zz",
    "/v1/%00",
    "//",
    "/v1/..%2f..%2fetc/passwd",
    `/${"a".repeat(5000)}`,
    "/v1/compute/vietoris-rips/",
  ])("refuses the path %j as a client's error", async (path) => {
    const answer = await api.get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    refused(answer, answer.status, /^(not_found|bad_request|method_not_allowed)$/);
  });

  it("refuses unknown query parameters where it takes none", async () => {
    refused(await api.get("/v1/version?verbose=1"), 422, "unknown_field", /verbose/);
    refused(await api.get("/v1/limits?limit=1"), 422, "unknown_field", /limit/);
  });
});

describe("request ids", () => {
  it.each(["a", "0123456789", "A.b_c-d", "x".repeat(64)])("keeps %j", async (id) => {
    const answer = await api.get("/health/live", { "X-Request-Id": id });
    expect(answer.headers["x-request-id"]).toBe(id);
    const problem = await api.compute({}, { headers: { "X-Request-Id": id } });
    expect(problem.json<Problem>().request_id).toBe(id);
  });

  it.each(["x".repeat(65), "a b", "a/b", "<script>", "a,b", "ü", ""])("replaces %j", async (id) => {
    const answer = await api.get("/health/live", { "X-Request-Id": Buffer.from(id).toString("latin1") });
    expect(answer.headers["x-request-id"]).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    expect(answer.headers["x-request-id"]).not.toBe(id);
  });

  it("are new for each request, on cached answers too", async () => {
    const ids = new Set<unknown>();
    for (let turn = 0; turn < 5; turn++) ids.add((await api.compute({ points: unitSquare })).headers["x-request-id"]);
    ids.add((await api.get("/v1/nothing")).headers["x-request-id"]);
    expect(ids.size).toBe(6);
  });
});

describe("compressed answers", () => {
  const request = { points: randomPoints(200, 2, 36) };

  it("come in the coding that was asked for", async () => {
    const plain = computed(await api.compute(request));
    for (const [coding, decode] of [
      ["gzip", gunzipSync],
      ["zstd", zstdDecompressSync],
    ] as const) {
      const answer = await api.compute(request, { headers: { "Accept-Encoding": coding } });
      expect(answer.status).toBe(200);
      if (coding === "gzip") expect(answer.headers["content-encoding"]).toBe("gzip");
      if (answer.headers["content-encoding"] === undefined) continue;
      expect(answer.headers["content-encoding"]).toBe(coding);
      expect(answer.headers.vary?.toLowerCase()).toContain("accept-encoding");
      const body = JSON.parse(decode(answer.body).toString("utf8")) as ComputeAnswer;
      expect(body.diagrams).toEqual(plain.diagrams);
    }
  });

  it("are plain where nothing or identity was asked for", async () => {
    for (const headers of [{}, { "Accept-Encoding": "identity" }, { "Accept-Encoding": "gzip;q=0" }]) {
      const answer = await api.compute(request, { headers });
      expect(answer.headers["content-encoding"]).toBeUndefined();
      computed(answer);
    }
  });
});

describe("preferences and idempotency", () => {
  it("answers `Prefer: respond-async` with a job", async () => {
    const answer = await api.compute({ points: unitSquare }, { headers: { Prefer: "respond-async" } });
    expect(answer.status, answer.text()).toBe(202);
    expect(answer.headers["preference-applied"]).toBe("respond-async");
    const { job_id } = answer.json<{ job_id: string }>();
    expect(answer.headers.location).toBe(`/v1/jobs/${job_id}`);
    expect((await api.get(`/v1/jobs/${job_id}`)).status).toBe(200);
  });

  it("does not serve a preference from the cache of another", async () => {
    const points = randomPoints(15, 2, 37);
    for (let turn = 0; turn < 2; turn++) computed(await api.compute({ points }));
    expect((await api.compute({ points }, { headers: { Prefer: "respond-async" } })).status).toBe(202);
    computed(await api.compute({ points }, { headers: { Prefer: "return=minimal" } }));
  });

  it("computes as usual under an idempotency key", async () => {
    computed(await api.compute({ points: unitSquare }, { headers: { "Idempotency-Key": "a-key" } }));
  });
});
