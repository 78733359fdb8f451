import { EngineError, type EngineErrorCode } from "./errors.ts";
import {
  APPROXIMATIONS,
  type CallOptions,
  EDGE_COLLAPSES,
  INPUT_KINDS,
  METRICS,
  REPRESENTATIVES,
} from "./native-call.ts";
import type { EngineInput, VietorisRipsOptions } from "./types.ts";

const MAX_UINT32 = 0xffff_ffff;

function refuse(code: EngineErrorCode, message: string): never {
  throw new EngineError(code, message);
}

function isCount(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= limit;
}

function isKeyOf(table: object, key: unknown): boolean {
  return typeof key === "string" && Object.hasOwn(table, key);
}

function expectedLength(input: EngineInput): number {
  const { rows } = input;
  switch (input.kind) {
    case "points":
      return rows * input.columns;
    case "distances":
      if (input.layout === "full") return rows * rows;
      return input.layout === "lower" ? (rows * (rows - 1)) / 2 : (rows * (rows + 1)) / 2;
    case "sparse-distances":
      return input.rowIndices.length;
  }
}

function checkInput(input: EngineInput): void {
  if (!(input.values instanceof Float32Array) && !(input.values instanceof Float64Array)) {
    refuse("invalid_option", "The values must be a Float32Array or a Float64Array.");
  }
  if (!isCount(input.rows, MAX_UINT32)) refuse("invalid_option", "The number of points must be a 32-bit count.");
  if (input.kind === "points") {
    if (!isCount(input.columns, MAX_UINT32)) refuse("invalid_option", "The number of columns must be a 32-bit count.");
    if (!isKeyOf(METRICS, input.metric)) refuse("invalid_metric", `There is no metric "${input.metric}".`);
    const takesExponent = input.metric === "minkowski";
    if (takesExponent !== (typeof input.minkowskiP === "number")) {
      refuse("invalid_metric", "An exponent is given with the Minkowski metric, and with no other.");
    }
  } else if (input.kind === "distances") {
    if (!isKeyOf(INPUT_KINDS, input.layout)) refuse("invalid_option", `There is no layout "${input.layout}".`);
  } else if (input.kind === "sparse-distances") {
    const { rowIndices, columnIndices } = input;
    if (!(rowIndices instanceof Uint32Array) || !(columnIndices instanceof Uint32Array)) {
      refuse("invalid_option", "The indices must be Uint32Arrays.");
    }
    if (rowIndices.length !== columnIndices.length) {
      refuse("invalid_option", "There must be as many row indices as column indices.");
    }
  } else {
    refuse("invalid_option", "The kind of input is not known.");
  }
  if (input.values.length !== expectedLength(input)) {
    refuse(
      "invalid_option",
      `The input has ${input.values.length} values where its shape needs ${expectedLength(input)}.`,
    );
  }
}

function checkCircular({ bar, scale }: NonNullable<CallOptions["circular"]>): void {
  if (bar !== null && !isCount(bar, Number.MAX_SAFE_INTEGER)) {
    refuse("invalid_option", "The bar must be null or the number of one.");
  }
  if (scale !== null && (typeof scale !== "number" || Number.isNaN(scale))) {
    refuse("invalid_option", "The scale must be null or a number.");
  }
}

function checkOptions(options: VietorisRipsOptions): void {
  if (!isCount(options.maxDimension, MAX_UINT32)) {
    refuse("invalid_dimension", "The largest homology dimension must be a whole number, 0 or more.");
  }
  if (options.threshold !== null && (typeof options.threshold !== "number" || Number.isNaN(options.threshold))) {
    refuse("invalid_threshold", "The threshold must be a number.");
  }
  if (!isCount(options.coefficientField, MAX_UINT32)) {
    refuse("invalid_field", "The coefficient field must be a prime.");
  }
  if (!isKeyOf(EDGE_COLLAPSES, options.edgeCollapse) || !isKeyOf(REPRESENTATIVES, options.representatives)) {
    refuse("invalid_option", "The edge collapse or the representatives have an unknown value.");
  }
  if (options.threads !== null && (options.threads === 0 || !isCount(options.threads, MAX_UINT32))) {
    refuse("invalid_option", "The number of threads must be null, or 1 or more.");
  }
  const { memoryLimitBytes } = options;
  if (memoryLimitBytes !== null && (memoryLimitBytes === 0 || !isCount(memoryLimitBytes, Number.MAX_SAFE_INTEGER))) {
    refuse("invalid_option", "The memory limit must be null, or 1 byte or more.");
  }
}

function checkApproximation({ approximation = null }: VietorisRipsOptions): void {
  if (approximation === null) return;
  if (!isKeyOf(APPROXIMATIONS, approximation.method)) {
    refuse("invalid_option", `There is no approximation "${approximation.method}".`);
  }
  if (approximation.method === "sparse-rips") {
    if (typeof approximation.epsilon !== "number" || !(approximation.epsilon > 0 && approximation.epsilon < 1)) {
      refuse("invalid_option", "The epsilon of sparse Rips must be above 0 and below 1.");
    }
  } else if (approximation.points === 0 || !isCount(approximation.points, Number.MAX_SAFE_INTEGER)) {
    refuse("invalid_option", "A subsample has 1 point or more.");
  }
}

/**
 * Refuses what the C ABI's fixed-width fields cannot carry: shapes that do not match the arrays, fractions and negative
 * counts, unknown names. Each implementation of `Engine` calls it first, so that they refuse alike; values, limits and
 * everything that needs a look at the data stay the engine's to judge.
 *
 * @throws EngineError
 */
export function checkCall(input: EngineInput, options: CallOptions): void {
  checkInput(input);
  checkOptions(options);
  checkApproximation(options);
  if (options.circular !== undefined) checkCircular(options.circular);
}
