import type { SparseDistances } from "@tda-platform/contract/compute-input";
import type { SparseDistancesInput } from "@tda-platform/engine/types";
import { ProblemError, problemAt } from "../problem.ts";

/**
 * Sparse distances, already checked by the schema. null becomes +Infinity, -0 becomes 0. O(entries).
 * @throws ProblemError `ragged_rows` or `index_out_of_range`.
 */
export function sparseFromBody(sparse: SparseDistances): SparseDistancesInput {
  const { n, rows, cols, values } = sparse;
  refuseUnequalLengths(sparse);
  const input = {
    kind: "sparse-distances",
    rows: n,
    values: new Float64Array(values.length),
    rowIndices: new Uint32Array(values.length),
    columnIndices: new Uint32Array(values.length),
  } as const satisfies SparseDistancesInput;
  for (let k = 0; k < values.length; k++) {
    if (rows[k]! >= n) throw outOfRange("rows", k, n);
    if (cols[k]! >= n) throw outOfRange("cols", k, n);
    input.rowIndices[k] = rows[k]!;
    input.columnIndices[k] = cols[k]!;
    // Adding 0 turns -0 into 0.
    input.values[k] = (values[k] ?? Number.POSITIVE_INFINITY) + 0;
  }
  return input;
}

function refuseUnequalLengths({ rows, cols, values }: SparseDistances): void {
  if (rows.length === cols.length && rows.length === values.length) return;
  const detail = `rows, cols and values have ${rows.length}, ${cols.length} and ${values.length} entries; they must be as many.`;
  const odd = rows.length === cols.length ? "values" : rows.length === values.length ? "cols" : "rows";
  throw new ProblemError("ragged_rows", detail, { places: [{ pointer: `/sparse_distances/${odd}`, detail }] });
}

function outOfRange(field: "rows" | "cols", entry: number, n: number): Error {
  return problemAt("index_out_of_range", `/sparse_distances/${field}/${entry}`, `The index is not below n = ${n}.`);
}
