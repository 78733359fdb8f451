import { MAX_CHAIN_SIMPLICES } from "@tda-platform/contract/limits";
import type { VietorisRipsOptions, VietorisRipsResult } from "@tda-platform/engine/types";
import { ProblemError } from "../problem.ts";
import { renderDiagrams } from "./render-diagrams.ts";
import { chainSimplices, renderRepresentatives } from "./render-representatives.ts";

/** What is large of a result. `kind` says what the chains are. */
export interface ResultBars extends Pick<VietorisRipsResult, "diagrams" | "representatives"> {
  readonly kind: VietorisRipsOptions["representatives"];
}

/** @throws ProblemError where the chains are too large for an answer. */
export function resultBars(result: VietorisRipsResult, kind: ResultBars["kind"]): ResultBars {
  const { diagrams, representatives } = result;
  const simplices = chainSimplices(representatives);
  if (simplices > MAX_CHAIN_SIMPLICES) {
    const detail = `The ${kind} have ${simplices} simplices in all; an answer has at most ${MAX_CHAIN_SIMPLICES}.`;
    throw new ProblemError("result_too_large", detail);
  }
  return { diagrams, representatives, kind };
}

/** The JSON text of an answer's members `diagrams` and `representatives`. */
export function renderBars({ diagrams, representatives, kind }: ResultBars): string {
  const chains = renderRepresentatives(representatives, kind === "cocycles" ? "cocycle" : "cycle");
  return `"diagrams":${renderDiagrams(diagrams)},"representatives":${chains}`;
}
