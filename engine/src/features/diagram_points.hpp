// SPDX-License-Identifier: Apache-2.0
//
// DiagramPoints: a diagram as features read it.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/error.hpp"
#include "diagram/diagram.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

struct DiagramPoints {
  /// birth < death < inf, in the order given.
  RawVector<Bar> finite;
  /// Births of the essential bars, ascending.
  RawVector<double> essential;
};

/// Pairs (birth, death) of a caller. `essential_death`: see tda/features.h. `row_offset`: added to the row of an error.
struct DiagramInput {
  const double* pairs;
  std::uint64_t rows;
  double essential_death;
  std::uint64_t row_offset;
};

/// TDA_ERROR_NOT_A_NUMBER (row, column), TDA_ERROR_DEATH_BEFORE_BIRTH (row), TDA_ERROR_INVALID_OPTION (an infinite essential_death). O(n log n).
Expected<DiagramPoints> read_diagram(const DiagramInput& input, Execution& execution);

/// How far a bar is from the diagonal in the L-infinity norm: half its length, rounded once, and never infinite.
inline double half_length(const Bar& bar) noexcept { return bar.death / 2 - bar.birth / 2; }

/// The distance of two bars in the L-infinity norm, rounded once; +inf beyond the range of doubles.
inline double bar_distance(const Bar& a, const Bar& b) noexcept {
  const double births = std::fabs(a.birth - b.birth);
  const double deaths = std::fabs(a.death - b.death);
  return births > deaths ? births : deaths;
}

/// TDA_ERROR_DISTANCE_OVERFLOW.
inline std::unexpected<Error> fail_overflow() {
  return fail({.status = TDA_ERROR_DISTANCE_OVERFLOW, .message = "What is computed of finite numbers is beyond the range of doubles."});
}

}  // namespace tda::detail
