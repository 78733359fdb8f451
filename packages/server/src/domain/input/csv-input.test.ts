import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { problemOf } from "../../../test/support/problem-of.ts";
import { tableFromCsv } from "./csv-input.ts";
import { csvRecords } from "./csv-records.ts";

const read = (text: string, name: "points" | "distances" = "points") => {
  const { values, lengths } = tableFromCsv(Buffer.from(text), name);
  return { values: [...values], lengths: [...lengths] };
};
const refusal = (text: string, name: "points" | "distances" = "points") =>
  problemOf(() => tableFromCsv(Buffer.from(text), name));

describe("tableFromCsv", () => {
  const square = { values: [0, 0, 1, 0, 1, 1], lengths: [2, 2, 2] };
  it.each([
    ["plain lines", "0,0\n1,0\n1,1\n"],
    ["no last line end", "0,0\n1,0\n1,1"],
    ["CRLF", "0,0\r\n1,0\r\n1,1\r\n"],
    ["a byte order mark", "\uFEFF0,0\n1,0\n1,1"],
    ["quoted numbers", '"0","0"\n"1",0\n1,"1"\n'],
    ["spaces", " 0 ,0\n1,\t0\n1,1 \n"],
    ["empty lines at the end", "0,0\n1,0\n1,1\n\n\r\n\n"],
    ["a header", "x,y\n0,0\n1,0\n1,1\n"],
    ["a header with an empty field", "x,\n0,0\n1,0\n1,1\n"],
    ["a quoted header with separators", '"a, b","line\nend"\n0,0\n1,0\n1,1\n'],
    ["other notations", "+0,0e5\n1e0,.0\n1.,10E-1\n"],
  ])("reads %s", (_name, text) => {
    expect(read(text)).toEqual(square);
  });

  it("reads one column, no row and a header alone", () => {
    expect(read("1\n2\n3\n")).toEqual({ values: [1, 2, 3], lengths: [1, 1, 1] });
    expect(read("")).toEqual({ values: [], lengths: [] });
    expect(read("x,y\n")).toEqual({ values: [], lengths: [] });
  });

  it("takes a first line with one number among words for data", () => {
    expect(refusal("x,1\n0,0\n")).toMatchObject({ code: "not_a_number", pointers: ["/points/0/0"] });
  });

  it("never takes a line of nan for a header", () => {
    expect(read("nan,nan\n0,0\n").lengths).toEqual([2, 2]);
  });

  it("keeps an empty first line of distances as a row of nothing", () => {
    expect(read("\n1\n2,3\n", "distances")).toEqual({ values: [1, 2, 3], lengths: [0, 1, 2] });
  });

  it("reads inf in every spelling", () => {
    const { values } = read("0,inf\nInfinity,+INF\n", "distances");
    expect(values).toEqual([0, Infinity, Infinity, Infinity]);
  });

  it.each([
    ["0,0\n1,one\n", "/points/1/1", "Line 2, column 2"],
    ["x,y\n0,0\n1,\n", "/points/1/1", "Line 3, column 2"],
    ["0,0\n1,0x10\n", "/points/1/1", "Line 2, column 2"],
    ["0,1_000\n", "/points/0/1", "Line 1, column 2"],
    ["0,0\n1e999,0\n", "/points/1/0", "Line 2, column 1"],
    ['0,0\n"",0\n', "/points/1/0", "Line 2, column 1"],
    ["0;0\n1;1\n2;2", "/points/0/0", "Line 2, column 1"],
  ])("refuses %j at %s", (text, pointer, place) => {
    const { code, pointers, detail } = refusal(text);
    expect([code, pointers]).toEqual(["not_a_number", [pointer]]);
    expect(detail).toContain(place);
  });

  it("refuses a header of another width", () => {
    expect(refusal("x,y,z\n0,0\n")).toMatchObject({ code: "ragged_rows", pointers: ["/points/0"] });
  });

  it.each(['0,"1', '0,1"2', '"0"1,2', Buffer.from([0x30, 0xff])])("refuses what is no CSV: %j", (text) => {
    expect(problemOf(() => tableFromCsv(Buffer.from(text as string), "points")).code).toBe("invalid_csv");
  });
});

describe("csvRecords", () => {
  const field = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "1", ",", '"', "\n", " ", "é"), maxLength: 6 }),
    fc.double({ noNaN: true }).map(String),
  );
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const write = (value: string, force: boolean) => (force || /[",\n\r]/.test(value) ? quoted(value) : value);

  it("reads what csv-parse reads", () => {
    const row = fc.array(fc.tuple(field, fc.boolean()), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.constantFrom("\n", "\r\n"), (rows, lineEnd) => {
        const text = rows.map((cells) => cells.map(([value, force]) => write(value, force)).join(",")).join(lineEnd);
        const ours = [...csvRecords(text)].map(({ fields }) => fields);
        const theirs = parse(text, { relax_column_count: true, record_delimiter: lineEnd }) as string[][];
        expect(ours).toEqual(theirs);
      }),
    );
  });

  it("ends with an answer or a problem on any text", () => {
    const text = fc.string({ unit: fc.constantFrom(",", '"', "\n", "\r", "1", ".", "x"), maxLength: 40 });
    fc.assert(
      fc.property(text, (given) => {
        try {
          const records = [...csvRecords(given)];
          expect(records.every(({ line }, i) => i === 0 || line > records[i - 1]!.line)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_csv" });
        }
      }),
    );
  });
});
