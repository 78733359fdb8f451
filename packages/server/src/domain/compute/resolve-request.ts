import type { ResolvedRipsParameters, RipsParameters } from "@tda-platform/contract/compute-parameters";
import type { Approximation, EngineInput, VietorisRipsOptions } from "@tda-platform/engine/types";
import type { LoadedRipsRequest } from "../input/rips-request.ts";
import { problemAt } from "../problem.ts";
import { isPrime } from "./is-prime.ts";

/** The service's limits on a computation. */
export interface ComputeLimits {
  readonly maxPoints: number;
  readonly maxDimension: number;
  readonly memoryLimitBytes: number;
}

/** A request with every default filled in and every value known to be served. */
export interface ResolvedRequest {
  readonly input: EngineInput;
  readonly inputSha256: string;
  readonly parameters: ResolvedRipsParameters;
  readonly options: VietorisRipsOptions;
}

/** @throws ProblemError for values that the schema allows and this service does not serve. */
export function resolveRequest(parsed: LoadedRipsRequest, limits: ComputeLimits): ResolvedRequest {
  const { input, parameters: given, inputSha256 } = parsed;
  refuseLimits(input, given, limits);
  refuseField(given);
  const metric = resolveMetric(input, given);
  const options = resolveOptions(input, given, limits);
  return {
    input:
      input.kind === "points"
        ? { ...input, metric: metric.metric ?? "euclidean", minkowskiP: metric.minkowski_p }
        : input,
    inputSha256,
    options,
    parameters: {
      ...metric,
      max_dimension: options.maxDimension,
      threshold: options.threshold,
      coefficient_field: options.coefficientField,
      edge_collapse: options.edgeCollapse,
      representatives: options.representatives,
      threads: options.threads,
      memory_limit_bytes: options.memoryLimitBytes,
      approximation: options.approximation,
    },
  };
}

/** The engine's options of parameters that are resolved already. */
export function ripsOptions(parameters: ResolvedRipsParameters): ResolvedRequest["options"] {
  return {
    maxDimension: parameters.max_dimension,
    threshold: parameters.threshold,
    coefficientField: parameters.coefficient_field,
    edgeCollapse: parameters.edge_collapse,
    representatives: parameters.representatives,
    threads: parameters.threads,
    memoryLimitBytes: parameters.memory_limit_bytes,
    approximation: approximationOf(parameters.approximation),
  };
}

function approximationOf(given: ResolvedRipsParameters["approximation"]): Approximation | null {
  if (given === null) return null;
  const { method, epsilon = 0, points = 0 } = given;
  return method === "subsample" ? { method, points } : { method, epsilon };
}

function refuseLimits(input: EngineInput, given: RipsParameters, limits: ComputeLimits): void {
  if ((given.max_dimension ?? 0) > limits.maxDimension) {
    throw problemAt("dimension_limit_exceeded", "/max_dimension", `Must be at most ${limits.maxDimension}.`);
  }
  if (input.rows > limits.maxPoints) {
    const pointer = input.kind === "sparse-distances" ? "/sparse_distances/n" : `/${input.kind}`;
    throw problemAt(
      "point_limit_exceeded",
      pointer,
      `The input has ${input.rows} points; the limit is ${limits.maxPoints}.`,
    );
  }
}

function refuseField(given: RipsParameters): void {
  if (given.coefficient_field === undefined || isPrime(given.coefficient_field)) return;
  throw problemAt("invalid_coefficient_field", "/coefficient_field", `${given.coefficient_field} is not a prime.`);
}

function resolveMetric(
  input: EngineInput,
  given: RipsParameters,
): Pick<ResolvedRipsParameters, "metric" | "minkowski_p"> {
  const exponent = given.minkowski_p ?? null;
  if (input.kind !== "points") {
    if (exponent !== null) throw problemAt("invalid_metric", "/minkowski_p", "Distances have no metric.");
    if (given.metric !== undefined && given.metric !== "euclidean") {
      throw problemAt("invalid_metric", "/metric", "A metric is for points only: the distances are already given.");
    }
    return { metric: null, minkowski_p: null };
  }
  const metric = given.metric ?? "euclidean";
  if (metric === "minkowski" && exponent === null) {
    throw problemAt("invalid_metric", "/minkowski_p", "The Minkowski metric needs its exponent.");
  }
  if (metric !== "minkowski" && exponent !== null) {
    throw problemAt("invalid_metric", "/minkowski_p", `The metric ${metric} has no exponent.`);
  }
  return { metric, minkowski_p: exponent };
}

function resolveApproximation(input: EngineInput, given: RipsParameters): Approximation | null {
  const { approximation = null } = given;
  if (approximation === null) return null;
  const { method, epsilon, points } = approximation;
  const [name, value, other] = method === "sparse-rips" ? ["epsilon", epsilon, points] : ["points", points, epsilon];
  if (value === undefined) {
    throw problemAt("validation_failed", `/approximation/${name}`, `The approximation ${method} needs ${name}.`);
  }
  if (other !== undefined) {
    const extra = method === "sparse-rips" ? "points" : "epsilon";
    throw problemAt("validation_failed", `/approximation/${extra}`, `The approximation ${method} has no ${extra}.`);
  }
  if (input.kind === "sparse-distances") {
    const detail = "Sparse distances can't be approximated: an absent pair is infinitely far apart.";
    throw problemAt("not_supported", "/approximation", detail);
  }
  if (method === "subsample") return { method, points: value };
  if (given.metric === "cosine") {
    const detail = "Sparse Rips needs the triangle inequality, which the cosine distance lacks; subsample does not.";
    throw problemAt("not_supported", "/approximation", detail);
  }
  return { method, epsilon: value };
}

function resolveOptions(
  input: EngineInput,
  given: RipsParameters,
  limits: ComputeLimits,
): VietorisRipsOptions & { memoryLimitBytes: number; approximation: Approximation | null } {
  const threshold = given.threshold ?? null;
  return {
    maxDimension: given.max_dimension ?? 1,
    // Adding 0 turns -0 into 0, which are one threshold and so one cache key.
    threshold: threshold === null ? null : threshold + 0,
    coefficientField: given.coefficient_field ?? 2,
    edgeCollapse: given.edge_collapse ?? "auto",
    representatives: given.representatives ?? "none",
    threads: given.threads ?? null,
    memoryLimitBytes: Math.min(given.memory_limit_bytes ?? limits.memoryLimitBytes, limits.memoryLimitBytes),
    approximation: resolveApproximation(input, given),
  };
}
