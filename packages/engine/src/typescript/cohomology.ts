import type { EngineProgress } from "../types.ts";
import type { Budget } from "./budget.ts";
import type { CliqueComplex } from "./clique-complex.ts";
import { ColumnHeap } from "./column-heap.ts";
import { inversesModulo } from "./prime-field.ts";
import { sortedIndices } from "./sorting.ts";
import type { Steps } from "./steps.ts";

/** Simplices of one dimension, in any order. */
export interface Simplices {
  readonly indices: Float64Array;
  readonly values: Float64Array;
}

const BYTES_PER_SIMPLEX = 16;
/** A pivot's entry in a JavaScript map from number to number, measured with Node 24 and rounded up. */
const BYTES_PER_PIVOT = 60;
const BYTES_PER_TERM = 24;
const TERMS_PER_STEP = 2_048;

/**
 * Bars of dimension d by reduction of the coboundary matrix, columns from the last simplex to the first
 * (de Silva, Morozov, Vejdemo-Johansson, "Dualities in persistent (co)homology", 2011; clearing: Chen, Kerber,
 * "Persistent homology computation with a twist", 2011; implicit columns: Bauer, "Ripser", 2021).
 */
export class Cohomology {
  readonly #complex: CliqueComplex;
  readonly #field: number;
  readonly #inverses: Uint16Array;
  readonly #budget: Budget;
  readonly #progress: (dimension: number, done: number, total: number) => EngineProgress;
  readonly #column: ColumnHeap;

  constructor(
    complex: CliqueComplex,
    field: number,
    budget: Budget,
    progress: (dimension: number, done: number, total: number) => EngineProgress,
  ) {
    this.#complex = complex;
    this.#field = field;
    this.#inverses = inversesModulo(field);
    this.#budget = budget;
    this.#progress = progress;
    this.#column = new ColumnHeap(field);
  }

  /**
   * Reduces the columns of `simplices` that `isCleared` does not name. Appends birth, death, … to `bars` and returns
   * the pivots: the simplices of dimension + 1 whose columns are cleared.
   */
  *reduce(
    dimension: number,
    simplices: Simplices,
    isCleared: (position: number) => boolean,
    bars: number[],
  ): Steps<ReadonlyMap<number, number>> {
    const { indices, values } = simplices;
    this.#complex.requireIndexable(dimension + 1);
    const order = yield* sortedIndices(
      indices.length,
      (a, b) => (values[b] as number) - (values[a] as number) || (indices[a] as number) - (indices[b] as number),
      this.#progress(dimension, 0, indices.length),
    );
    /** From pivot to the position of its column. */
    const owners = new Map<number, number>();
    const pivotCoefficients = new Map<number, number>();
    /** Of columns that others were added to: the added simplices with their coefficients. */
    const additions = new Map<number, ReadonlyMap<number, Term>>();

    let charged = 0;
    const charge = (bytes: number): void => {
      this.#budget.charge(bytes, dimension);
      charged += bytes;
    };
    for (let done = 0; done < order.length; ++done) {
      const position = order[done] as number;
      if (isCleared(position)) continue;
      const index = indices[position] as number;
      const value = values[position] as number;
      yield this.#progress(dimension, done, order.length);

      const emergent = this.#startColumn(index, value, dimension, owners);
      if (emergent !== null) {
        charge(BYTES_PER_PIVOT);
        owners.set(emergent.index, position);
        pivotCoefficients.set(emergent.index, emergent.coefficient);
        continue;
      }
      const added = new Map<number, Term>([[index, { value, coefficient: 1 }]]);
      let columnBytes = this.#column.size * BYTES_PER_TERM;
      this.#budget.charge(columnBytes, dimension);
      let termsSinceYield = 0;
      let hasPivot = this.#column.findPivot();
      while (hasPivot) {
        const owner = owners.get(this.#column.pivotIndex);
        if (owner === undefined) break;
        const ownerCoefficient = pivotCoefficients.get(this.#column.pivotIndex) ?? 1;
        const factor = (this.#field - this.#column.pivotCoefficient) * (this.#inverses[ownerCoefficient] as number);
        const before = this.#column.size;
        const terms =
          additions.get(owner) ??
          new Map([[indices[owner] as number, { value: values[owner] as number, coefficient: 1 }]]);
        for (const [simplex, term] of terms) {
          const coefficient = (factor * term.coefficient) % this.#field;
          this.#addCoboundary(simplex, term.value, coefficient, dimension);
          addTerm(added, simplex, term.value, coefficient, this.#field);
          if (++termsSinceYield % 64 === 0) yield this.#progress(dimension, done, order.length);
        }
        termsSinceYield += this.#column.size - before;
        hasPivot = this.#column.findPivot();
        const bytes = this.#column.size * BYTES_PER_TERM;
        if (bytes > columnBytes) {
          this.#budget.charge(bytes - columnBytes, dimension);
          columnBytes = bytes;
        }
        if (termsSinceYield > TERMS_PER_STEP) {
          termsSinceYield = 0;
          yield this.#progress(dimension, done, order.length);
        }
      }
      this.#budget.release(columnBytes);
      if (!hasPivot) {
        bars.push(value, Number.POSITIVE_INFINITY);
        continue;
      }
      charge(BYTES_PER_PIVOT + (added.size > 1 ? added.size * BYTES_PER_PIVOT : 0));
      owners.set(this.#column.pivotIndex, position);
      pivotCoefficients.set(this.#column.pivotIndex, this.#column.pivotCoefficient);
      if (added.size > 1) additions.set(position, added);
      if (value < this.#column.pivotValue) bars.push(value, this.#column.pivotValue);
    }
    this.#budget.release(charged);
    return owners;
  }

  /** All simplices of dimension + 1, each from the facet without its largest vertex. */
  *cofaces(dimension: number, simplices: Simplices): Steps<Simplices> {
    const indices: number[] = [];
    const values: number[] = [];
    this.#complex.requireIndexable(dimension + 1);
    for (let position = 0; position < simplices.indices.length; ++position) {
      const before = indices.length;
      this.#complex.visitCofacets(
        simplices.indices[position] as number,
        simplices.values[position] as number,
        dimension,
        true,
        (index, value) => {
          indices.push(index);
          values.push(value);
          return true;
        },
      );
      this.#budget.addSimplices(indices.length - before, dimension + 1);
      this.#budget.charge((indices.length - before) * BYTES_PER_SIMPLEX, dimension + 1);
      yield this.#progress(dimension + 1, 0, simplices.indices.length);
    }
    return { indices: Float64Array.from(indices), values: Float64Array.from(values) };
  }

  /**
   * Fills the working column with a coboundary, unless its pivot is seen at once: cofacets come with decreasing index,
   * so the first one of the simplex's own value is the earliest, and without an owner it is the reduced column's pivot.
   */
  #startColumn(
    index: number,
    value: number,
    dimension: number,
    owners: ReadonlyMap<number, number>,
  ): { index: number; coefficient: number } | null {
    const column = this.#column;
    column.clear();
    let emergent: { index: number; coefficient: number } | null = null;
    let mayBeEmergent = true;
    this.#complex.visitCofacets(index, value, dimension, false, (cofacet, cofacetValue, isNegative) => {
      const coefficient = isNegative ? this.#field - 1 : 1;
      if (mayBeEmergent && cofacetValue === value) {
        if (!owners.has(cofacet)) {
          emergent = { index: cofacet, coefficient };
          return false;
        }
        mayBeEmergent = false;
      }
      column.push(cofacet, cofacetValue, coefficient);
      return true;
    });
    return emergent;
  }

  #addCoboundary(index: number, value: number, coefficient: number, dimension: number): void {
    this.#complex.visitCofacets(index, value, dimension, false, (cofacet, cofacetValue, isNegative) => {
      this.#column.push(cofacet, cofacetValue, isNegative ? this.#field - coefficient : coefficient);
      return true;
    });
  }
}

interface Term {
  readonly value: number;
  readonly coefficient: number;
}

function addTerm(terms: Map<number, Term>, index: number, value: number, coefficient: number, field: number): void {
  const sum = ((terms.get(index)?.coefficient ?? 0) + coefficient) % field;
  if (sum === 0) terms.delete(index);
  else terms.set(index, { value, coefficient: sum });
}
