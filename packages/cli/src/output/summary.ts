import type { RipsResult } from "@tda-platform/contract/compute-results";
import { byteSize, count, counted, duration, shortNumber } from "./numbers.ts";

const SEPARATOR = " · ";

/** That a result is no exact one, and how far it may be from it; null for an exact one. */
export function approximationLine({ provenance, statistics }: RipsResult): string | null {
  const { method, error_kind: kind, error_bound: bound } = provenance;
  if (method === "exact") return null;
  const name = method === "subsample" ? `subsample of ${counted(statistics.points, "point")}` : method;
  const error =
    kind === "multiplicative"
      ? `births and deaths are 1 to ${shortNumber(bound)} times the exact ones`
      : `bottleneck distance from the exact diagram at most ${shortNumber(bound)}`;
  return `Approximate (${name}): ${error}.`;
}

/** What was computed, how large it was, how long it took, by what: in as many lines as the columns need. */
export function summaryLines(result: RipsResult, isCached: boolean, columns: number): string[] {
  const { statistics, provenance } = result;
  const { threshold, truncated } = provenance;
  const reach = threshold === null ? "" : ` up to ${shortNumber(threshold)}${truncated ? " (truncated)" : ""}`;
  const facts = [
    counted(statistics.points, "point"),
    `${counted(statistics.edges, "edge")}${reach}`,
    `${count(statistics.simplices)} simplices`,
    `Z/${provenance.coefficient_field}`,
    ...chainFacts(result),
    `${duration(statistics.compute_ms)}${isCached ? " (cached)" : ""}`,
    byteSize(statistics.peak_bytes),
    `${provenance.engine} engine ${provenance.engine_version}`,
  ];
  const lines: string[] = [];
  for (const fact of facts) {
    const line = lines.at(-1);
    if (line === undefined || line.length + SEPARATOR.length + fact.length > columns) lines.push(fact);
    else lines[lines.length - 1] = line + SEPARATOR + fact;
  }
  return lines;
}

/** How large the cocycles or cycles are together; they themselves are in the JSON answer. */
function chainFacts({ parameters, representatives }: RipsResult): string[] {
  const chains = (representatives ?? []).flat().flatMap(({ cocycle, cycle }) => cocycle ?? cycle ?? []);
  if (chains.length === 0) return [];
  const size = chains.reduce((sum, { simplices }) => sum + simplices.length, 0);
  return [`${parameters.representatives} of ${count(size)} simplices`];
}
