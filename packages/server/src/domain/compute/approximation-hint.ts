import type { ResolvedRipsParameters } from "@tda-platform/contract/compute-parameters";

/** The `hint` of a refusal for its cost: what may fit instead. */
export function approximationHint(approximation: ResolvedRipsParameters["approximation"]): string {
  if (approximation === null) {
    return "An approximation with a stated error bound may fit: `approximation` takes `sparse-rips` and `subsample`.";
  }
  return approximation.method === "subsample"
    ? "A subsample of fewer points costs less."
    : "A larger epsilon, or a subsample, costs less.";
}
