import { gzipSync } from "node:zlib";
import type { InputMediaType } from "@tda-platform/contract/media-types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { npyFile, npyRows } from "../../../test/support/npy.ts";
import { problemOf } from "../../../test/support/problem-of.ts";
import { ProblemError } from "../problem.ts";
import { parseInlineRequest } from "./rips-request.ts";

function parse(body: unknown, mediaType: InputMediaType = "application/json", query = "") {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return parseInlineRequest({ bytes, mediaType, encoding: null, query, bodyLimitBytes: 1e7 });
}
const refusal = (body: unknown, mediaType: InputMediaType = "application/json", query = "") =>
  problemOf(() => parse(body, mediaType, query));
const sha = (body: unknown, mediaType: InputMediaType = "application/json", query = "") =>
  parse(body, mediaType, query).inputSha256;

describe("inputs", () => {
  it("reads points in rows", () => {
    const { input } = parse({
      points: [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    });
    expect(input).toMatchObject({ kind: "points", rows: 3, columns: 2, values: Float64Array.of(0, 1, 2, 3, 4, 5) });
  });

  it.each([
    [
      "a full matrix",
      [
        [0, 1, 2],
        [1, 0, 3],
        [2, 3, 0],
      ],
    ],
    ["a strict lower triangle", [[], [1], [2, 3]]],
    ["a lower triangle with its diagonal", [[0], [1, 0], [2, 3, 0]]],
  ])("reads %s as the lower triangle with its diagonal", (_name, distances) => {
    const { input } = parse({ distances });
    expect(input).toEqual({
      kind: "distances",
      layout: "lower-with-diagonal",
      rows: 3,
      values: Float64Array.of(0, 1, 0, 2, 3, 0),
    });
  });

  it("reads null as no edge and keeps births", () => {
    const { input } = parse({
      distances: [
        [1, null],
        [null, 2],
      ],
    });
    expect(input.values).toEqual(Float64Array.of(1, Number.POSITIVE_INFINITY, 2));
  });

  it.each([[[]], [[[]]], [[[0]]]])("reads the small input %j", (distances) => {
    expect(parse({ distances }).input.rows).toBe(distances.length);
  });

  it("reads sparse distances as they are", () => {
    const { input } = parse({ sparse_distances: { n: 3, rows: [2, 0], cols: [0, 1], values: [0, null] } });
    expect(input).toEqual({
      kind: "sparse-distances",
      rows: 3,
      rowIndices: Uint32Array.of(2, 0),
      columnIndices: Uint32Array.of(0, 1),
      values: Float64Array.of(0, Number.POSITIVE_INFINITY),
    });
  });

  it("reads tables with parameters from the query", () => {
    const query = "input_kind=distances&max_dimension=2&threshold=1.5";
    const { input, parameters } = parse("0,1\n1,0\n", "text/csv", query);
    expect(input.kind).toBe("distances");
    expect(parameters).toEqual({ max_dimension: 2, threshold: 1.5 });
  });

  it("decompresses first", () => {
    const bytes = gzipSync('{"points": [[1]]}');
    const raw = { bytes, mediaType: "application/json", encoding: "gzip", query: "", bodyLimitBytes: 100 } as const;
    expect(parseInlineRequest(raw).input.rows).toBe(1);
  });
});

describe("the canonical hash", () => {
  const points = [
    [0, 1.5],
    [2, -3],
    [4, 5],
  ];

  it("is the same for the same points in every format", () => {
    const csv = points.map((row) => row.join(",")).join("\n");
    const hashes = [
      sha({ points }),
      sha({
        points: [
          [-0, 1.5],
          [2, -3],
          [4, 5],
        ],
        max_dimension: 3,
        threads: 1,
      }),
      sha(csv, "text/csv"),
      sha(`x,y\r\n${csv.replaceAll("\n", "\r\n")}\r\n`, "text/csv"),
      sha(npyRows(points), "application/x-npy"),
    ];
    expect(new Set(hashes).size).toBe(1);
  });

  it("is the same for the same distances in every layout", () => {
    const hashes = [
      sha({
        distances: [
          [0, 1, null],
          [1, 0, 3],
          [null, 3, 0],
        ],
      }),
      sha({ distances: [[], [1], [null, 3]] }),
      sha({ distances: [[0], [1, 0], [null, 3, 0]] }),
      sha("0,1,inf\n1,0,3\ninf,3,0", "text/csv", "input_kind=distances"),
    ];
    expect(new Set(hashes).size).toBe(1);
  });

  it("is the same for the same sparse entries in any order and triangle", () => {
    const hashes = [
      { n: 4, rows: [0, 1, 2], cols: [1, 2, 3], values: [1, 2, 3] },
      { n: 4, rows: [3, 1, 2], cols: [2, 0, 1], values: [3, 1, 2] },
      { n: 4, rows: [0, 1, 1, 2], cols: [1, 0, 2, 3], values: [1, 1, 2, 3] },
    ].map((one) => sha({ sparse_distances: one }));
    expect(new Set(hashes).size).toBe(1);
  });

  it("tells different inputs apart", () => {
    const f4 = npyFile(Buffer.from(Float32Array.from(points.flat()).buffer), { descr: "<f4", shape: [3, 2] });
    const hashes = [
      sha({ points }),
      sha({
        points: [
          [0, 1.5, 2],
          [-3, 4, 5],
        ],
      }),
      sha({ points: [...points].reverse() }),
      sha({ points: [] }),
      sha({ distances: [] }),
      sha(f4, "application/x-npy"),
      sha({ distances: [[], [1]] }),
      sha({ distances: [[1], [1, 1]] }),
      sha({ sparse_distances: { n: 2, rows: [0], cols: [1], values: [1] } }),
      sha({ sparse_distances: { n: 3, rows: [0], cols: [1], values: [1] } }),
      sha({ sparse_distances: { n: 2, rows: [0, 1], cols: [1, 0], values: [1, 2] } }),
      sha({ sparse_distances: { n: 2, rows: [0, 1], cols: [1, 0], values: [1, null] } }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("refusals", () => {
  it.each([
    [[], "validation_failed", [""]],
    ["null", "validation_failed", [""]],
    [{}, "missing_input", [""]],
    [{ points: [], distances: [] }, "multiple_inputs", ["", "/points", "/distances"]],
    [{ points: [], treshold: 1, maxdim: 2 }, "unknown_field", ["/treshold", "/maxdim"]],
    [{ points: [], "a/b~c": 1 }, "unknown_field", ["/a~1b~0c"]],
    ['{"points": [], "__proto__": {}}', "unknown_field", ["/__proto__"]],
    [{ points: null }, "validation_failed", ["/points"]],
    [{ points: [[1], [1, 2]] }, "ragged_rows", ["/points/1"]],
    [{ points: [[], []] }, "validation_failed", ["/points/0"]],
    [{ points: [[1], ["1"]] }, "not_a_number", ["/points/1/0"]],
    ['{"points": [[1, 1e999]]}', "not_a_number", ["/points/0/1"]],
    ['{"points": [[1]], "threshold": 1e999}', "validation_failed", ["/threshold"]],
    [
      {
        distances: [
          [0, 1],
          [2, 0],
        ],
      },
      "asymmetric_distance",
      ["/distances/1/0", "/distances/0/1"],
    ],
    [
      {
        distances: [
          [0, null],
          [2, 0],
        ],
      },
      "asymmetric_distance",
      ["/distances/1/0", "/distances/0/1"],
    ],
    [
      {
        distances: [
          [0, -1],
          [-1, 0],
        ],
      },
      "negative_distance",
      ["/distances/0/1"],
    ],
    [{ distances: [[0, 1], [1]] }, "ragged_rows", ["/distances/1"]],
    [{ distances: [[], [1], [1]] }, "ragged_rows", ["/distances/2"]],
    [
      {
        distances: [
          [0, 1, 2],
          [1, 0],
        ],
      },
      "ragged_rows",
      ["/distances/0"],
    ],
    [{ sparse_distances: { n: 2, rows: [0], cols: [1], values: [] } }, "ragged_rows", ["/sparse_distances/values"]],
    [
      { sparse_distances: { n: 2, rows: [0], cols: [2], values: [1] } },
      "index_out_of_range",
      ["/sparse_distances/cols/0"],
    ],
    [
      { sparse_distances: { n: 2, rows: [-1], cols: [0], values: [1] } },
      "index_out_of_range",
      ["/sparse_distances/rows/0"],
    ],
    [
      { sparse_distances: { n: 2, rows: [], cols: [], values: [], data: [] } },
      "unknown_field",
      ["/sparse_distances/data"],
    ],
    [{ dataset_id: "ds_01890a5d-ac96-774b-bcce-b302099a8057" }, "not_supported", ["/dataset_id"]],
    [{ dataset_id: "x" }, "validation_failed", ["/dataset_id"]],
    [
      { points: [], coefficient_field: 1, max_dimension: 99 },
      "dimension_limit_exceeded",
      ["/max_dimension", "/coefficient_field"],
    ],
    [{ points: [], metric: "hamming" }, "validation_failed", ["/metric"]],
  ])("%j is %s", (body, code, pointers) => {
    const found = refusal(body);
    expect(found.code).toBe(code);
    expect([...found.pointers].sort()).toEqual([...pointers].sort());
  });

  it.each([
    ["max_dimensions=1", "unknown_field", "/max_dimensions"],
    ["max_dimension=two", "validation_failed", "/max_dimension"],
    ["max_dimension=", "validation_failed", "/max_dimension"],
    ["max_dimension=1.5", "validation_failed", "/max_dimension"],
    ["max_dimension=0x1", "validation_failed", "/max_dimension"],
    ["threshold=1e999", "validation_failed", "/threshold"],
    ["threshold=null", "validation_failed", "/threshold"],
    ["input_kind=matrix", "validation_failed", "/input_kind"],
    ["metric=euclidean&metric=cosine", "validation_failed", "/metric"],
    ["coefficient_field=0", "invalid_coefficient_field", "/coefficient_field"],
  ])("the query %s is %s", (query, code, pointer) => {
    expect(refusal("1\n", "text/csv", query)).toMatchObject({ code, pointers: [pointer] });
  });

  it("refuses parameters in the query of a JSON body", () => {
    expect(refusal({ points: [] }, "application/json", "max_dimension=1")).toMatchObject({
      code: "unknown_field",
      pointers: ["/max_dimension"],
    });
  });

  it("lists no more places than the limit", () => {
    const body = { points: [], ...Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, 1])) };
    expect(refusal(body).pointers).toHaveLength(16);
  });

  it("names line and column of a wrong value of a table", () => {
    expect(refusal("0,1\n2,0\n", "text/csv", "input_kind=distances").code).toBe("asymmetric_distance");
    const { code, pointers, detail } = refusal("x,y\n0,0\n0,inf\n", "text/csv");
    expect([code, pointers]).toEqual(["not_a_number", ["/points/1/1"]]);
    expect(detail).toContain("Line 3, column 2");
  });

  it("ends with a request or a problem on any JSON", () => {
    const any = fc.jsonValue({ maxDepth: 3 });
    const body = fc.oneof(
      any,
      fc.record(
        { points: any, distances: any, sparse_distances: any, threshold: any, max_dimension: any, metric: any },
        { requiredKeys: [] },
      ),
      fc.record({ distances: fc.array(fc.array(fc.oneof(fc.double(), fc.constant(null)))) }),
      fc.record({ points: fc.array(fc.array(fc.double(), { maxLength: 2 })) }),
    );
    fc.assert(
      fc.property(body, (given) => {
        try {
          expect(parse(given).inputSha256).toMatch(/^[0-9a-f]{64}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
