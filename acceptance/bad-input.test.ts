import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BadInput, badInputs } from "./support/bad-inputs.ts";
import type { Api } from "./support/http.ts";
import { type Target, target } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

const points = [
  [0, 0],
  [1, 0],
  [0, 1],
];

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(async () => {
  // Whatever was sent, the server still computes.
  computed(await api.compute({ points: [[0], [1]] }));
  await server.dispose();
});

describe.each(Object.entries(badInputs))("%s", (_group, rows) => {
  it.each(rows.map((row) => [row[0], row] as const))("%s", async (_name, [, body, status, code, pointer]) => {
    refused(await api.compute(body), status, code, pointer);
  });
});

describe("the same rules for the estimate and the old path", () => {
  const rows: readonly BadInput[] = ["no request", "points", "distances", "sparse distances"].flatMap(
    (group) => badInputs[group]!,
  );
  const needsDistances = /^(zero_vector|distance_overflow)$/;

  it("refuses the same inputs at /v1/compute/estimate", async () => {
    for (const [name, body, status, code, pointer] of rows) {
      const answer = await api.post("/v1/compute/estimate", body);
      // An estimate samples distances: what only a computation meets may be found or not.
      if (needsDistances.test(String(code)) && answer.status === 200) continue;
      expect(answer.status, name).toBe(status);
      refused(answer, status, code, pointer);
    }
  });

  it("refuses the same inputs at /compute/vietoris-rips", async () => {
    for (const [name, body, status, code, pointer] of [...rows, ...badInputs["no JSON"]!.slice(0, 6)]) {
      const answer = await api.post("/compute/vietoris-rips", body);
      expect(answer.status, name).toBe(status);
      refused(answer, status, code, pointer);
    }
  });
});

describe("media types", () => {
  const body = JSON.stringify({ points });
  const wrong = [
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/jsonp",
    "json",
    "",
  ];
  it.each(wrong)("refuses %j", async (type) => {
    const answer = await api.call("/v1/compute/vietoris-rips", {
      method: "POST",
      headers: { "Content-Type": type },
      body,
    });
    refused(answer, 415, "unsupported_media_type");
  });

  it("refuses a body without a type", async () => {
    refused(await api.call("/v1/compute/vietoris-rips", { method: "POST", body }), 415, "unsupported_media_type");
  });

  it.each(["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"])(
    "reads %j",
    async (type) => {
      computed(await api.compute({ points }, { headers: { "Content-Type": type } }));
    },
  );

  it("refuses query parameters beside a JSON body, which has fields for them", async () => {
    const answer = await api.post("/v1/compute/vietoris-rips?max_dimension=2", { points });
    refused(answer, 422, "unknown_field", /max_dimension/);
  });
});
