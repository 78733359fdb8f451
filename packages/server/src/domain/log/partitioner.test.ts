import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { murmur2, partitionOf } from "./partitioner.ts";

interface Vector {
  readonly key: string;
  readonly murmur2: number;
  readonly partitions: Readonly<Record<string, number>>;
}

const file = new URL("../../../../../streaming/golden/partitioner.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { readonly vectors: readonly Vector[] };

it.each(vectors)("places $key as the vectors say", ({ key, murmur2: hash, partitions }) => {
  expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
  for (const [count, partition] of Object.entries(partitions)) expect(partitionOf(key, Number(count))).toBe(partition);
});

/** Published with Kafka's own tests of the function. */
it("hashes as Kafka does", () => {
  const known = { "21": -973932308, foobar: -790332482, abc: 479470107, "a-little-bit-long-string": -985981536 };
  for (const [key, hash] of Object.entries(known)) expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
});
