import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { npyRows } from "../../../../test/support/npy.ts";
import { ProblemError } from "../../problem.ts";
import { tableFromArrow } from "./arrow/arrow-table.ts";
import { createInspector, inspectStored } from "./formats.ts";
import { tableFromLowerDistance } from "./lower-distance.ts";
import { tableFromParquet } from "./parquet/parquet-table.ts";

const columns = { x: Float64Array.of(1, 2, 3, 4), y: Float64Array.of(0, 1, 0, 1) };
const constant = { x: new Float64Array(50).fill(7), n: Array.from({ length: 50 }, (_, i) => BigInt(i % 3)) };
const columnData = (data: Record<string, Float64Array | bigint[]>) =>
  Object.entries(data).map(([name, values]) => ({ name, data: values }));

const seeds: Readonly<Record<DatasetFormat, readonly Uint8Array[]>> = {
  csv: [Buffer.from('x,y\n1,2\n"3",4\n5e3,-6.5\n'), Buffer.from("\n1\n2,3\n")],
  npy: [
    npyRows([
      [1, 2],
      [3, 4],
    ]),
  ],
  "lower-distance": [Buffer.from("1\n2,3\n4,5,6\n")],
  arrow: [tableToIPC(tableFromArrays(columns), "stream"), tableToIPC(tableFromArrays(columns), "file")],
  parquet: [
    Buffer.from(parquetWriteBuffer({ columnData: columnData(columns), rowGroupSize: 3 })),
    Buffer.from(parquetWriteBuffer({ columnData: columnData(constant) })),
  ],
};

/** Some bytes changed, put in, or taken out; numbers that are large are tried more often than others. */
const mutation = fc.record({
  seed: fc.nat(1),
  at: fc.array(
    fc.record({
      place: fc.nat(5_000),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        fc.constant(Buffer.alloc(4, 0xff)),
        fc.constant(Buffer.of(0xff, 0xff, 0xff, 0x7f)),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  cut: fc.option(fc.nat(5_000), { freq: 4 }),
  pieceBytes: fc.integer({ min: 1, max: 200 }),
  kind: fc.constantFrom<DatasetKind>("points", "distances"),
});

function mutate(
  seed: Uint8Array,
  { at, cut }: { at: { place: number; bytes: Uint8Array }[]; cut: number | null },
): Buffer {
  const content = Buffer.from(seed);
  for (const { place, bytes } of at)
    content.set(bytes.subarray(0, Math.max(0, content.length - (place % content.length))), place % content.length);
  return cut === null ? content : content.subarray(0, cut % (content.length + 1));
}

async function outcome(work: () => Promise<unknown> | unknown): Promise<"read" | "refused"> {
  try {
    await work();
    return "read";
  } catch (error) {
    if (error instanceof ProblemError) return "refused";
    throw error;
  }
}

async function inspect(format: DatasetFormat, kind: DatasetKind, content: Buffer, pieceBytes: number): Promise<void> {
  const inspector = createInspector(format, kind);
  for (let at = 0; at < content.length; at += pieceBytes) inspector.push(content.subarray(at, at + pieceBytes));
  const shape =
    inspector.finish() ??
    (await inspectStored(format, kind, content.length, async (start, end) => content.subarray(start, end)));
  // What is accepted is a table that the bytes can hold; a run of one value may be longer than its bytes.
  if (format !== "parquet") expect(shape.rows).toBeLessThanOrEqual(content.length + 1);
}

describe.each(Object.keys(seeds) as DatasetFormat[])("any change of a %s file", (format) => {
  it("is read or refused, soon, with little memory", async () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async ({ seed, kind, pieceBytes, ...change }) => {
        const content = mutate(seeds[format][seed % seeds[format].length]!, change);
        await outcome(() => inspect(format, kind, content, pieceBytes));
        if (format === "arrow") await outcome(() => tableFromArrow(content, kind));
        if (format === "parquet") await outcome(() => tableFromParquet(content, kind, 1_000_000));
        if (format === "lower-distance") await outcome(() => tableFromLowerDistance(content));
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }),
      { numRuns: 2_000 },
    );
    expect(most).toBeLessThan(256 * 1_048_576);
  });

  it("unchanged, it is read", async () => {
    for (const seed of seeds[format]) {
      const kind =
        format === "lower-distance" || Buffer.from(seed).toString().startsWith("\n1") ? "distances" : "points";
      expect(await outcome(() => inspect(format, kind, Buffer.from(seed), 5))).toBe("read");
    }
  });
});
