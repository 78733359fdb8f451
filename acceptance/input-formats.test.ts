import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { fullMatrix, projectivePlane, randomPoints, toCsv, toNpy, unitSquare } from "./support/inputs.ts";
import { type Target, target } from "./support/product.ts";
import { type ComputeAnswer, computed, refused } from "./support/shapes.ts";

const csv = "text/csv";
const npy = "application/x-npy";

let server: Target;
let api: Api;
let square: ComputeAnswer["diagrams"];
let plane: ComputeAnswer["diagrams"];

beforeAll(async () => {
  server = await target();
  api = server.api;
  square = computed(await api.compute({ points: unitSquare })).diagrams;
  plane = computed(await api.compute({ distances: projectivePlane, max_dimension: 2 })).diagrams;
});
afterAll(() => server?.dispose());

describe("CSV", () => {
  const readable: Record<string, string> = {
    plain: toCsv(unitSquare),
    "a header": `x,y\n${toCsv(unitSquare)}`,
    "a quoted header": `"x","y, in mm"\n${toCsv(unitSquare)}`,
    "CRLF line ends": toCsv(unitSquare, "\r\n"),
    "no end of the last line": toCsv(unitSquare).trimEnd(),
    "a byte order mark": `\uFEFF${toCsv(unitSquare)}`,
    "spaces around the fields": "0, 0\n 1,0 \n1 ,1\n0,1\n",
    "every way to write a number": "0.0,-0\n1e0,0E+3\n+1,1.000\n0,.1e1\n",
  };
  it.each(Object.entries(readable))("reads %s", async (_name, body) => {
    expect(computed(await api.computeFile(body, csv)).diagrams).toEqual(square);
  });

  it("reads a charset parameter, and parameters from the query", async () => {
    const answer = computed(
      await api.computeFile(toCsv(unitSquare), "text/csv; charset=utf-8", {
        max_dimension: 2,
        metric: "manhattan",
        threshold: 1.5,
        coefficient_field: 3,
      }),
    );
    expect(answer.parameters).toMatchObject({ max_dimension: 2, metric: "manhattan", threshold: 1.5 });
    expect(answer.diagrams).toHaveLength(3);
    expect(answer.diagrams[1]).toEqual([[1, null]]);
  });

  it("reads one column as points on a line, never as a header or a matrix", async () => {
    expect(computed(await api.computeFile("0\n3\n", csv)).diagrams[0]).toEqual([
      [0, 3],
      [0, null],
    ]);
  });

  it("never guesses distances from squareness", async () => {
    const body = "0,3\n3,0\n";
    expect(computed(await api.computeFile(body, csv)).diagrams[0]![0]![1]).toBe(Math.sqrt(18));
    expect(computed(await api.computeFile(body, csv, { input_kind: "distances" })).diagrams[0]![0]![1]).toBe(3);
  });

  it("reads a full matrix and a lower triangle with its diagonal", async () => {
    const full = fullMatrix(projectivePlane, 0);
    const query = { input_kind: "distances", max_dimension: 2 };
    expect(computed(await api.computeFile(toCsv(full), csv, query)).diagrams).toEqual(plane);
    const lower = full.map((row, i) => row.slice(0, i + 1));
    expect(computed(await api.computeFile(toCsv(lower), csv, query)).diagrams).toEqual(plane);
  });

  it("reads inf as no edge", async () => {
    const answer = await api.computeFile("0,inf\ninf,0\n", csv, { input_kind: "distances" });
    expect(computed(answer).diagrams[0]).toEqual([
      [0, null],
      [0, null],
    ]);
  });

  it("reads no point from an empty body", async () => {
    expect(computed(await api.computeFile("", csv)).diagrams).toEqual([[], []]);
  });

  const wrong: [string, string, string | RegExp, string | RegExp | undefined][] = [
    ["ragged rows", "0,0\n1,0,2\n", "ragged_rows", undefined],
    ["a word among the numbers", "0,0\n1,one\n", "not_a_number", /^\/1\/1$|\/points\/1\/1$/],
    ["an empty field", "0,0\n1,\n", "not_a_number", undefined],
    ["NaN", "0,0\n1,nan\n", "not_a_number", undefined],
    ["an infinite coordinate", "0,0\n1,inf\n", "not_a_number", undefined],
    ["a number too large", "0,0\n1,1e999\n", "not_a_number", undefined],
  ];
  it.each(wrong)("refuses %s", async (_name, body, code, pointer) => {
    refused(await api.computeFile(body, csv), 422, code, pointer);
  });

  it("refuses what is no CSV", async () => {
    refused(await api.computeFile(Buffer.from([0x30, 0x2c, 0xff, 0xfe, 0x0a]), csv), 400, "invalid_csv");
    refused(await api.computeFile('0,"1\n2,3\n', csv), 400, "invalid_csv");
  });

  it("refuses parameters that it does not know or cannot read", async () => {
    const body = toCsv(unitSquare);
    refused(await api.computeFile(body, csv, { max_dimensions: 1 }), 422, "unknown_field", /max_dimensions/);
    refused(await api.computeFile(body, csv, { max_dimension: "two" }), 422, "validation_failed", /max_dimension/);
    refused(await api.computeFile(body, csv, { max_dimension: "" }), 422, "validation_failed", /max_dimension/);
    refused(await api.computeFile(body, csv, { input_kind: "guess" }), 422, "validation_failed", /input_kind/);
    refused(await api.computeFile(body, csv, { threshold: "NaN" }), 422, /validation_failed|not_a_number/, /threshold/);
    refused(
      await api.computeFile(body, csv, { coefficient_field: 4 }),
      422,
      "invalid_coefficient_field",
      /coefficient_field/,
    );
    const twice = await api.call("/v1/compute/vietoris-rips?max_dimension=1&max_dimension=2", {
      headers: { "Content-Type": csv },
      body,
    });
    refused(twice, 422, "validation_failed", /max_dimension/);
  });

  it("refuses distances that are none", async () => {
    const query = { input_kind: "distances" };
    refused(await api.computeFile("0,1\n2,0\n", csv, query), 422, "asymmetric_distance");
    refused(await api.computeFile("0,-1\n-1,0\n", csv, query), 422, "negative_distance");
    refused(await api.computeFile("0,nan\nnan,0\n", csv, query), 422, "not_a_number");
    refused(await api.computeFile("0,1\n1,0\n2,2\n", csv, query), 422, "ragged_rows");
    refused(await api.computeFile("2,1\n1,0\n", csv, query), 422, "diagonal_above_edge");
  });
});

describe("NPY", () => {
  const readable: Record<string, Uint8Array> = {
    float64: toNpy(unitSquare),
    float32: toNpy(unitSquare, { type: "<f4" }),
    "big-endian float64": toNpy(unitSquare, { type: ">f8" }),
    "big-endian float32": toNpy(unitSquare, { type: ">f4" }),
    "Fortran order": toNpy(unitSquare, { fortran: true }),
    "format version 2": toNpy(unitSquare, { version: 2 }),
    "format version 3": toNpy(unitSquare, { version: 3 }),
  };
  it.each(Object.entries(readable))("reads %s", async (_name, body) => {
    const { diagrams } = computed(await api.computeFile(body, npy));
    expect(diagrams[0]).toEqual(square[0]);
    expect(diagrams[1]).toEqual([[1, expect.closeTo(Math.SQRT2, 6)]]);
  });

  it("keeps the values of float32: a death is a float32, a tie with the rounded threshold is kept", async () => {
    const points = [[0], [0.1], [0.35]];
    const body = toNpy(points, { type: "<f4" });
    const { diagrams, provenance } = computed(await api.computeFile(body, npy, { threshold: 0.1 }));
    expect(diagrams[0]![0]).toEqual([0, Math.fround(0.1)]);
    expect(provenance.threshold).toBe(Math.fround(0.1));
    for (const [birth, death] of computed(await api.computeFile(body, npy)).diagrams.flat()) {
      expect(Math.fround(birth)).toBe(birth);
      if (death !== null) expect(Math.fround(death)).toBe(death);
    }
  });

  it("gives JSON's diagram for the same float64 points", async () => {
    const points = randomPoints(50, 3, 11);
    const asJson = computed(await api.compute({ points, max_dimension: 2 }));
    const asNpy = computed(await api.computeFile(toNpy(points), npy, { max_dimension: 2 }));
    expect(asNpy.diagrams).toEqual(asJson.diagrams);
    expect(asNpy.provenance.input_sha256).toBe(asJson.provenance.input_sha256);
  });

  it("reads a matrix of distances, with inf as no edge", async () => {
    const query = { input_kind: "distances", max_dimension: 2 };
    expect(computed(await api.computeFile(toNpy(fullMatrix(projectivePlane, 0)), npy, query)).diagrams).toEqual(plane);
    const apart = toNpy([
      [0, Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, 0],
    ]);
    expect(computed(await api.computeFile(apart, npy, query)).diagrams[0]).toHaveLength(2);
  });

  it("reads no point", async () => {
    expect(computed(await api.computeFile(toNpy([], { shape: [0, 3] }), npy)).diagrams).toEqual([[], []]);
  });

  const broken: [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["another magic string", Buffer.concat([Buffer.from("\x93NUMPX", "latin1"), toNpy(unitSquare).subarray(6)])],
    ["a file that ends in its header", toNpy(unitSquare).subarray(0, 40)],
    ["a file that ends in its data", toNpy(unitSquare).subarray(0, -3)],
    ["data after the array", Buffer.concat([toNpy(unitSquare), Buffer.alloc(8)])],
    ["a shape larger than the data", toNpy(unitSquare, { shape: [4, 3] })],
    ["a shape whose product overflows", toNpy(unitSquare, { shape: [4294967296, 4294967296] })],
    ["a negative shape", toNpy(unitSquare, { shape: [-4, -2] })],
    ["a header that is no dictionary", toNpy(unitSquare, { header: "__import__('os').system('true')" })],
    ["a header without a shape", toNpy(unitSquare, { header: "{'descr': '<f8', 'fortran_order': False, }" })],
    ["a future format version", Buffer.from(toNpy(unitSquare)).fill(9, 6, 7)],
  ];
  it.each(broken)("refuses %s", async (_name, body) => {
    refused(await api.computeFile(body, npy), 400, "invalid_npy");
  });

  const unsuited: [string, Uint8Array][] = [
    ["objects", toNpy(unitSquare, { type: "|O" })],
    ["complex numbers", toNpy(unitSquare, { type: "<c16" })],
    ["text", toNpy(unitSquare, { type: "<U4" })],
    ["three axes", toNpy(unitSquare, { shape: [2, 2, 2] })],
  ];
  it.each(unsuited)("refuses %s", async (_name, body) => {
    const answer = await api.computeFile(body, npy);
    expect([400, 422]).toContain(answer.status);
    refused(answer, answer.status, /invalid_npy|not_supported|validation_failed|ragged_rows/);
  });

  it("refuses NaN and infinite coordinates", async () => {
    refused(await api.computeFile(toNpy([[Number.NaN, 0]]), npy), 422, "not_a_number");
    refused(await api.computeFile(toNpy([[0, Number.NEGATIVE_INFINITY]]), npy), 422, "not_a_number");
  });

  it("refuses distances that are none", async () => {
    const query = { input_kind: "distances" };
    refused(
      await api.computeFile(
        toNpy([
          [0, 1],
          [2, 0],
        ]),
        npy,
        query,
      ),
      422,
      "asymmetric_distance",
    );
    refused(
      await api.computeFile(
        toNpy([
          [0, -1],
          [-1, 0],
        ]),
        npy,
        query,
      ),
      422,
      "negative_distance",
    );
    refused(
      await api.computeFile(
        toNpy([
          [0, 1, 2],
          [1, 0, 2],
        ]),
        npy,
        query,
      ),
      422,
      "ragged_rows",
    );
  });
});
