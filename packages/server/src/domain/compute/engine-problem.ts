import type { ResolvedRipsParameters } from "@tda-platform/contract/compute-parameters";
import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import type { ProblemCode } from "@tda-platform/contract/problems";
import { EngineError, type EngineErrorCode, type EngineErrorPlace } from "@tda-platform/engine/errors";
import type { EngineInput } from "@tda-platform/engine/types";
import { ProblemError, problemAt } from "../problem.ts";
import { approximationHint } from "./approximation-hint.ts";

type DataCode = Extract<
  EngineErrorCode & ProblemCode,
  | "not_a_number"
  | "negative_distance"
  | "asymmetric_distance"
  | "diagonal_above_edge"
  | "index_out_of_range"
  | "conflicting_entries"
  | "zero_vector"
  | "distance_overflow"
>;

const PARAMETERS = {
  invalid_dimension: ["dimension_limit_exceeded", "/max_dimension"],
  invalid_field: ["invalid_coefficient_field", "/coefficient_field"],
  invalid_threshold: ["validation_failed", "/threshold"],
  invalid_metric: ["invalid_metric", "/metric"],
  invalid_option: ["validation_failed", ""],
  not_supported: ["not_supported", ""],
  no_bar: ["no_bar", "/bar"],
  scale_outside_bar: ["scale_outside_bar", "/scale"],
  cocycle_not_integral: ["cocycle_not_integral", "/coefficient_field"],
  index_overflow: ["index_overflow", "/max_dimension"],
} as const satisfies Partial<Record<EngineErrorCode, readonly [ProblemCode, string]>>;

const INFRASTRUCTURE = {
  cancelled: ["internal_error", "The computation was cancelled."],
  engine_crashed: ["engine_failed", "The engine process that ran this computation ended unexpectedly."],
  engine_overloaded: ["overloaded", "As many computations are waiting as the engine admits."],
  engine_unavailable: ["engine_unavailable", "No engine process could be started or reached."],
  engine_closed: ["shutting_down", "The server is shutting down."],
  out_of_memory: ["out_of_memory", "The operating system refused memory to this computation."],
  internal: ["internal_error", "The engine failed."],
} as const satisfies Partial<Record<EngineErrorCode, readonly [ProblemCode, string]>>;

/** What of a request an error can point to. */
export interface EngineRequest {
  readonly input: EngineInput;
  readonly parameters: Pick<ResolvedRipsParameters, "memory_limit_bytes"> &
    Partial<Pick<ResolvedRipsParameters, "approximation">>;
}

/** What an error of the engine is to the caller: places of the input become JSON Pointers into the request. */
export function engineProblem(error: EngineError, request: EngineRequest): ProblemError {
  const { code, place } = error;
  if (code === "memory_limit_exceeded") {
    return memoryLimitProblem(error, request.parameters);
  }
  if (Object.hasOwn(PARAMETERS, code)) {
    const [problem, pointer] = PARAMETERS[code as keyof typeof PARAMETERS];
    const isAboutApproximation = code === "not_supported" && (request.parameters.approximation ?? null) !== null;
    return problemAt(problem, isAboutApproximation ? "/approximation" : pointer, error.message);
  }
  if (Object.hasOwn(INFRASTRUCTURE, code)) {
    const [problem, detail] = INFRASTRUCTURE[code as keyof typeof INFRASTRUCTURE];
    return new ProblemError(problem, detail, { cause: error, ...retryOf(problem) });
  }
  return dataProblem(code as DataCode, error.message, request.input, place);
}

/** Names the budget, and how far the computation came. */
function memoryLimitProblem({ message, place }: EngineError, parameters: EngineRequest["parameters"]): ProblemError {
  const { memory_limit_bytes: limitBytes, approximation } = parameters;
  return new ProblemError("memory_limit_exceeded", message, {
    places: [{ pointer: "/memory_limit_bytes", detail: `The computation does not fit into ${limitBytes} bytes.` }],
    members: {
      memory_limit_bytes: limitBytes,
      bytes: place.bytes ?? null,
      dimension: place.dimension ?? null,
      ...(approximation === undefined ? {} : { hint: approximationHint(approximation) }),
    },
  });
}

function retryOf(problem: ProblemCode): { retryAfterSeconds?: number } {
  return problem === "internal_error" || problem === "engine_failed" ? {} : { retryAfterSeconds: RETRY_AFTER_SECONDS };
}

function dataProblem(code: DataCode, detail: string, input: EngineInput, place: EngineErrorPlace): ProblemError {
  const pointers = pointersOf(code, input, place);
  return new ProblemError(code, detail, { places: pointers.map((pointer) => ({ pointer, detail })) });
}

function pointersOf(code: DataCode, input: EngineInput, { row, column }: EngineErrorPlace): string[] {
  const field = input.kind === "sparse-distances" ? "/sparse_distances" : `/${input.kind}`;
  if (row === undefined) return [field];
  if (input.kind === "sparse-distances") {
    return [code === "index_out_of_range" ? `${field}/rows/${row}` : `${field}/values/${row}`];
  }
  if (column === undefined) return [`${field}/${row}`];
  // The distance that overflows is that of two points.
  if (code === "distance_overflow" && input.kind === "points") return [`${field}/${row}`, `${field}/${column}`];
  return [`${field}/${row}/${column}`];
}

/** Rejects with the problem that an engine error is; other errors pass. */
export async function withEngineProblems<Result>(request: EngineRequest, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof EngineError ? engineProblem(error, request) : error;
  }
}
