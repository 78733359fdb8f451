import {
  CIRCULAR_DEFAULT_FIELD,
  type CircularParameters,
  type CircularResult,
} from "@tda-platform/contract/circular-coordinates";
import type { CircularCoordinates, CircularCoordinatesOptions, Engine } from "@tda-platform/engine/types";
import type { LoadedRipsRequest } from "../input/rips-request.ts";
import { type ComputeLimits, type ResolvedRequest, resolveRequest } from "./resolve-request.ts";
import { finiteOrNull } from "./result-body.ts";

/** A request for circular coordinates with every default filled in. `diagram` is the one that its bar is of, for the estimate. */
export interface ResolvedCircularRequest {
  readonly diagram: ResolvedRequest;
  readonly parameters: Required<CircularParameters> & { readonly memory_limit_bytes: number };
  readonly options: CircularCoordinatesOptions;
}

/** @throws ProblemError as `resolveRequest`. */
export function resolveCircular(parsed: LoadedRipsRequest, limits: ComputeLimits): ResolvedCircularRequest {
  const { bar = "longest", scale = null, ...given } = parsed.parameters;
  const field = given.coefficient_field ?? CIRCULAR_DEFAULT_FIELD;
  const parameters = { ...given, coefficient_field: field, max_dimension: 1 };
  const diagram = resolveRequest({ ...parsed, parameters }, limits);
  const { metric, minkowski_p, threshold, coefficient_field, threads, memory_limit_bytes } = diagram.parameters;
  const { coefficientField, memoryLimitBytes } = diagram.options;
  return {
    diagram,
    parameters: {
      // Distances have no metric: the schema of the answer allows null there, that of the request does not.
      metric: metric as Required<CircularParameters>["metric"],
      minkowski_p,
      threshold,
      coefficient_field,
      bar,
      scale,
      threads,
      memory_limit_bytes,
    },
    options: { threshold, coefficientField, threads, memoryLimitBytes, bar: barIndex(bar), scale },
  };
}

/** The engine's options of parameters that are resolved already. */
export function circularOptions(parameters: ResolvedCircularRequest["parameters"]): CircularCoordinatesOptions {
  const { threshold, coefficient_field: coefficientField, threads, memory_limit_bytes: memoryLimitBytes } = parameters;
  return {
    threshold,
    coefficientField,
    threads,
    memoryLimitBytes,
    bar: barIndex(parameters.bar),
    scale: parameters.scale,
  };
}

function barIndex(bar: NonNullable<CircularParameters["bar"]>): number | null {
  return typeof bar === "string" ? null : bar.index;
}

/** The answer. */
export function circularBody(
  id: string,
  result: CircularCoordinates,
  request: Pick<ResolvedCircularRequest, "parameters"> & { readonly diagram: Pick<ResolvedRequest, "inputSha256"> },
  engine: Pick<Engine, "kind" | "version">,
): CircularResult {
  const { statistics } = result;
  return {
    id,
    algorithm: "circular-coordinates",
    parameters: request.parameters,
    coordinates: Array.from(result.coordinates, finiteOrNull),
    bar: {
      dimension: 1,
      index: result.bar,
      birth: result.birth,
      death: finiteOrNull(result.death),
      scale: result.scale,
    },
    fit: { energy: result.energy, residual: result.residual, steps: result.steps },
    provenance: {
      input_sha256: request.diagram.inputSha256,
      scale: "diameter",
      coefficient_field: request.parameters.coefficient_field,
      threshold: finiteOrNull(statistics.threshold),
      truncated: statistics.truncated,
      method: "exact",
      error_bound: 0,
      error_kind: "none",
      cover_radius: null,
      engine: engine.kind,
      engine_version: engine.version,
    },
    statistics: {
      points: statistics.points,
      edges: statistics.edges,
      compute_ms: statistics.computeMs,
      peak_bytes: statistics.peakBytes,
    },
  };
}
