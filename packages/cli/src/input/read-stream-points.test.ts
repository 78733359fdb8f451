import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type PointFormat, readStreamPoints } from "./read-stream-points.ts";

const folder = mkdtempSync(join(tmpdir(), "tda-points-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(text: string, format: PointFormat): Promise<unknown[]> {
  const file = join(folder, `points.${format}`);
  writeFileSync(file, text);
  return await Array.fromAsync(readStreamPoints(file, format));
}

it("reads CSV by its header: t, maybe key, and coordinates in their order", async () => {
  expect(await read("x,t,key,y\n1,10,a,2\r\n\n3,20,,4\n", "csv")).toEqual([
    { t: 10, v: [1, 2], key: "a" },
    { t: 20, v: [3, 4], key: "" },
  ]);
  expect(await read('"t","x"\n-5,1e-3\n', "csv")).toEqual([{ t: -5, v: [0.001] }]);
});

it("reads CSV without a header, t first", async () => {
  expect(await read("1,2,3\n4,5,6", "csv")).toEqual([
    { t: 1, v: [2, 3] },
    { t: 4, v: [5, 6] },
  ]);
});

it("leaves to the server what is no number, and how many there are", async () => {
  expect(await read("t,x,y\n1,?,2\n2,3\n", "csv")).toEqual([
    { t: 1, v: ["?", 2] },
    { t: 2, v: [3] },
  ]);
});

it("reads NDJSON as it is, and says which line is none", async () => {
  expect(await read('{"t":1,"v":[1],"key":"k"}\n\n{"t":2,"v":[2]}', "ndjson")).toEqual([
    { t: 1, v: [1], key: "k" },
    { t: 2, v: [2] },
  ]);
  await expect(read('{"t":1,"v":[1]}\n{"t"', "ndjson")).rejects.toThrow("line 2");
});

it("says what it cannot read", async () => {
  await expect(read("x,y\n1,2\n", "csv")).rejects.toThrow("column t");
  await expect(Array.fromAsync(readStreamPoints(join(folder, "none.csv"), "csv"))).rejects.toThrow("can't be read");
});
