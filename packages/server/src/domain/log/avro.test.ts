import type { AvroRecord } from "@tda-platform/contract/events/avro";
import { STREAM_EVENT } from "@tda-platform/contract/events/stream-event";
import { TOPICS } from "@tda-platform/contract/events/topics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAs, decodeAvro, encodeAvro, readingOf } from "./avro.ts";
import { UndecodableRecord } from "./event-log.ts";
import { projectOf } from "./record-project.ts";
import { incompatibilities } from "./schema-compatibility.ts";
import { pointsOf } from "./testing/values.ts";

const record = (fields: AvroRecord["fields"], name = "R"): AvroRecord => ({ type: "record", name, fields });

describe("Avro binary", () => {
  it("is that of the specification", () => {
    const schema = record([
      { name: "a", type: "long" },
      { name: "b", type: "string" },
      { name: "c", type: ["null", "double"] },
      { name: "d", type: { type: "array", items: "int" } },
    ]);
    const bytes = encodeAvro(schema as never, { a: 27, b: "foo", c: null, d: [3, 27] } as never);
    expect(Buffer.from(bytes).toString("hex")).toBe("3606666f6f000406 3600".replaceAll(" ", ""));
  });

  it("gives every value back, to the bit", () => {
    const value = pointsOf({
      last_seq: 2 ** 53 - 2,
      points: [{ index: 1, t: -(2 ** 53 - 2), v: [-0, Number.MIN_VALUE, Infinity] }],
    });
    const read = decodeAvro(STREAM_EVENT, encodeAvro(STREAM_EVENT, value));
    expect({ ...read, body_hash: [...read.body_hash] }).toEqual({ ...value, body_hash: [...value.body_hash] });
    expect(Object.is(read.points[0]!.v[0], -0)).toBe(true);
  });

  it("is exact for every integer that a number holds", () => {
    const schema = record([{ name: "n", type: "long" }]);
    const hex = (n: number) => Buffer.from(encodeAvro(schema as never, { n } as never)).toString("hex");
    expect([hex(-(2 ** 53 - 2)), hex(2 ** 52 + 1), hex(-(2 ** 52))]).toEqual([
      "fbffffffffffff1f",
      "8280808080808010",
      "ffffffffffffff0f",
    ]);
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 53 - 2), max: 2 ** 53 - 2 }), (n) => {
        expect(decodeAvro(schema as never, Buffer.from(hex(n), "hex"))).toEqual({ n });
      }),
    );
    expect(() => decodeAvro(schema as never, Buffer.from("ffffffffffffffffff01", "hex"))).toThrow(UndecodableRecord);
  });

  it("takes values that are larger than what it writes into, and keeps each apart", () => {
    const large = pointsOf({ points: Array.from({ length: 20_000 }, (_, index) => ({ index, t: index, v: [index] })) });
    const small = encodeAvro(STREAM_EVENT, pointsOf());
    const copy = Buffer.from(small);
    expect(decodeAvro(STREAM_EVENT, encodeAvro(STREAM_EVENT, large)).points).toHaveLength(20_000);
    expect(copy.equals(small)).toBe(true);
  });

  it.each([
    ["a missing field", { ...pointsOf(), key: undefined }],
    ["a number beyond its type", pointsOf({ batch_part: 2 ** 31 })],
    ["a symbol that is none", { ...pointsOf(), kind: "burst" }],
    ["text for bytes", { ...pointsOf(), body_hash: "00" }],
  ])("refuses %s", (_name, value) => {
    expect(() => encodeAvro(STREAM_EVENT, value as never)).toThrow();
  });

  it("takes no bytes for a value that are none, and allocates no more than they are", () => {
    const good = Buffer.from(encodeAvro(STREAM_EVENT, pointsOf()));
    const cut = [...good.keys()].map((length) => good.subarray(0, length));
    const counts = Buffer.concat([good.subarray(0, -60), Buffer.from("feffffff0f", "hex")]);
    for (const bytes of [...cut, Buffer.concat([good, Buffer.of(0)]), counts, Buffer.alloc(40, 0xff)]) {
      expect(() => decodeAvro(STREAM_EVENT, bytes)).toThrow(UndecodableRecord);
    }
  });

  it("says of any bytes that they are a value or that they are none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeAvro(STREAM_EVENT, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableRecord);
        }
      }),
    );
  });
});

it("finds the project of a value without its schema", () => {
  // Whatever is a project's says so first; what counts over all projects has none.
  const { job_statistics: overall, ...ofProjects } = TOPICS;
  for (const { schema } of Object.values(ofProjects))
    expect(schema.fields[0]).toMatchObject({ name: "project_id", type: "string" });
  expect(overall.schema.fields.map(({ name }) => name)).not.toContain("project_id");
  const wire = (project: string) =>
    Buffer.concat([Buffer.alloc(5), encodeAvro(STREAM_EVENT, pointsOf({ project_id: project }))]);
  expect(projectOf(wire("prj_a-1"))).toBe("prj_a-1");
  expect([projectOf(wire("")), projectOf(null), projectOf(Buffer.alloc(6, 0xff))]).toEqual(["", "", ""]);
});

describe("a schema that follows another", () => {
  const old = record([
    { name: "id", type: "string" },
    { name: "n", type: "int" },
    { name: "kind", type: { type: "enum", name: "K", symbols: ["a", "b"] } },
    { name: "rows", type: { type: "array", items: record([{ name: "x", type: "double" }], "Row") } },
  ]);
  const [id, n, kind, rows] = old.fields as [
    AvroRecord["fields"][0],
    AvroRecord["fields"][0],
    AvroRecord["fields"][0],
    AvroRecord["fields"][0],
  ];

  it("reads what was written before, where the rules say so", () => {
    const next = record([{ ...n, type: "long" }, id, rows, { name: "more", type: ["null", "string"], default: null }]);
    expect(incompatibilities(next, old)).toEqual([]);
    const bytes = encodeAvro(old as never, { id: "x", n: 7, kind: "b", rows: [{ x: 0.5 }] } as never);
    const value = decodeAs(readingOf(old, next), bytes, 0);
    expect(value).toEqual({ n: 7, id: "x", rows: [{ x: 0.5 }], more: null });
  });

  it.each([
    [
      "a new field without default",
      record([id, n, kind, rows, { name: "more", type: "int" }]),
      "R.more is new and has no default",
    ],
    [
      "a narrower number",
      record([id, { ...n, type: "boolean" }, kind, rows]),
      "R.n was written as int, and is read as boolean",
    ],
    [
      "a lost symbol",
      record([id, n, { ...kind, type: { type: "enum", name: "K", symbols: ["a"] } }, rows]),
      "R.kind no longer knows b",
    ],
    [
      "a field deep inside",
      record([
        id,
        n,
        kind,
        { ...rows, type: { type: "array", items: record([{ name: "y", type: "double" }], "Row") } },
      ]),
      "R.rows[].y is new and has no default",
    ],
    ["another name", { ...old, name: "S" }, "S was written as R, and is read as S"],
  ])("names %s", (_name, next, reason) => {
    expect(incompatibilities(next, old)).toEqual([reason]);
    // The library agrees that it cannot be read.
    expect(() => {
      const bytes = encodeAvro(old as never, { id: "x", n: 7, kind: "b", rows: [{ x: 0.5 }] } as never);
      return decodeAs(readingOf(old, next), bytes, 0);
    }).toThrow();
  });

  it("does not read a null that it no longer knows", () => {
    const nullable = record([{ name: "a", type: ["null", "int"] }]);
    const plain = record([{ name: "a", type: "int" }]);
    expect(incompatibilities(plain, nullable)).toHaveLength(1);
    expect(incompatibilities(nullable, plain)).toEqual([]);
  });
});
