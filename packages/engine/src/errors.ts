/** Stable codes of everything an engine call can fail with. `invalid_*` and the data codes are the caller's to mend. */
export type EngineErrorCode =
  // the input's data
  | "not_a_number"
  | "negative_distance"
  | "asymmetric_distance"
  | "diagonal_above_edge"
  | "index_out_of_range"
  | "conflicting_entries"
  | "zero_vector"
  | "distance_overflow"
  | "death_before_birth"
  // parameters
  | "invalid_dimension"
  | "invalid_field"
  | "invalid_threshold"
  | "invalid_metric"
  | "invalid_option"
  | "not_supported"
  | "no_bar"
  | "scale_outside_bar"
  | "cocycle_not_integral"
  // resources
  | "memory_limit_exceeded"
  | "index_overflow"
  | "out_of_memory"
  // control and infrastructure
  | "cancelled"
  | "engine_crashed"
  | "engine_overloaded"
  | "engine_unavailable"
  | "engine_closed"
  | "internal";

export interface EngineErrorPlace {
  /** Row and column of the offending entry in the input (for sparse inputs `row` is the entry number). */
  readonly row?: number;
  readonly column?: number;
  /** Homology dimension reached, and bytes reached or asked for. */
  readonly dimension?: number;
  readonly bytes?: number;
}

export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: EngineErrorCode;
  readonly place: EngineErrorPlace;

  constructor(code: EngineErrorCode, message: string, place: EngineErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.place = place;
  }
}
