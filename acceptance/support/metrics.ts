import type { Api } from "./http.ts";
import { until } from "./poll.ts";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The Prometheus text format, as far as a scrape needs it. */
export function parseMetrics(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line);
      if (!match) throw new Error(`no metric: ${line}`);
      const labels = Object.fromEntries(
        [...(match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)",?/g)].map((pair) => [pair[1]!, pair[2]!]),
      );
      return { name: match[1]!, labels, value: Number(match[3]!.replace("Inf", "Infinity")) };
    });
}

export async function metrics(api: Api): Promise<Sample[]> {
  return parseMetrics((await api.get("/metrics")).text());
}

/** The sum over all samples of a name whose labels include the given ones. */
export async function total(api: Api, name: string, labels: Record<string, string> = {}): Promise<number> {
  return (await metrics(api))
    .filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, sample) => sum + sample.value, 0);
}

/** How many computations the engine has finished since the start. */
export function computations(api: Api): Promise<number> {
  return total(api, "tda_computation_duration_seconds_count");
}

/** Computations that run or wait now. */
export async function inFlight(api: Api): Promise<number> {
  const gauges = (await metrics(api)).filter((sample) => /^tda_computations_(running|waiting)$/.test(sample.name));
  if (gauges.length !== 2) throw new Error("the gauges of the computations in flight are missing");
  return gauges.reduce((sum, sample) => sum + sample.value, 0);
}

/** Until a computation is in flight. */
export async function computing(api: Api): Promise<void> {
  await until("a computation in flight", async () => (await inFlight(api)) > 0);
}
