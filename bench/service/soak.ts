// A mixed load for a long time: memory at the end against memory after the beginning.
import type { Product } from "../../acceptance/support/product.ts";
import { bodyParts, payloads } from "../http/payloads.ts";
import { apiBytes, treeBytes } from "./observe-processes.ts";
import { load } from "./requests.ts";

export interface Soak {
  readonly seconds: number;
  readonly requests: number;
  /** Resident bytes by tenths of the time: medians. */
  readonly apiBytes: readonly number[];
  readonly allBytes: readonly number[];
}

const sampleMs = 1_000;
const tenths = 10;

export async function measureSoak(product: Product, seconds: number, log: (line: string) => void): Promise<Soak> {
  const samples: { api: number; all: number }[] = [];
  const watch = setInterval(() => samples.push({ api: apiBytes(product), all: treeBytes(product) }), sampleMs);
  const headers = { "x-api-key": product.apiKey };
  const of = (payload: number, firstVariant: number | null, connections: number) =>
    load({
      url: `${product.url}/v1/compute/vietoris-rips`,
      headers,
      body: bodyParts(payloads[payload]!),
      firstVariant,
      connections,
      seconds,
    });
  log(`soak: ${seconds} s`);
  const measured = await Promise.all([of(0, null, 2), of(0, 500_000_000, 2), of(1, 500_000_000, 2)]);
  clearInterval(watch);
  const byTenth = (pick: (sample: { api: number; all: number }) => number) =>
    Array.from({ length: tenths }, (_, i) => {
      const part = samples.slice((i * samples.length) / tenths, ((i + 1) * samples.length) / tenths).map(pick);
      return part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
    });
  return {
    seconds,
    requests: measured.reduce((sum, { requests }) => sum + requests, 0),
    apiBytes: byTenth(({ api }) => api),
    allBytes: byTenth(({ all }) => all),
  };
}
