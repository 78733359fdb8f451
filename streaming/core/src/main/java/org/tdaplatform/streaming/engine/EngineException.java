package org.tdaplatform.streaming.engine;

import java.util.Map;

/** A computation that gives no result, and would give none anywhere else. */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  public static final String CRASHED = "engine_crashed";
  static final String OUT_OF_MEMORY = "out_of_memory";

  /** By `tda_status`. What is not among them no input can cause. */
  private static final Map<Integer, String> CODES =
      Map.ofEntries(
          Map.entry(101, "not_a_number"),
          Map.entry(102, "negative_distance"),
          Map.entry(103, "asymmetric_distance"),
          Map.entry(104, "diagonal_above_edge"),
          Map.entry(105, "index_out_of_range"),
          Map.entry(106, "conflicting_entries"),
          Map.entry(107, "zero_vector"),
          Map.entry(108, "distance_overflow"),
          Map.entry(109, "death_before_birth"),
          Map.entry(200, "invalid_dimension"),
          Map.entry(201, "invalid_field"),
          Map.entry(202, "invalid_threshold"),
          Map.entry(203, "invalid_metric"),
          Map.entry(204, "not_supported"),
          Map.entry(205, "invalid_option"),
          Map.entry(210, "no_bar"),
          Map.entry(211, "scale_outside_bar"),
          Map.entry(212, "cocycle_not_integral"),
          Map.entry(300, "memory_limit_exceeded"),
          Map.entry(301, "index_overflow"),
          Map.entry(302, OUT_OF_MEMORY),
          Map.entry(400, "cancelled"));

  private final String code;

  public EngineException(String code, String message) {
    super(message);
    this.code = code;
  }

  static EngineException ofStatus(int status, String message) {
    return new EngineException(CODES.getOrDefault(status, "internal"), message);
  }

  /** Stable; the same as in TypeScript. */
  public String code() {
    return code;
  }
}
