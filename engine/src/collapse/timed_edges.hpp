// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "exec/budget.hpp"

namespace tda::detail {

/// Edges of a flag filtration with the times at which they appear, in increasing order of time. Times are ranks of the input; where several
/// have one length, all of them stand as the last of these ranks, so that equal lengths are equal times.
struct TimedEdges {
  explicit TimedEdges(Budget& budget) : low(budget), high(budget), time(budget) {}

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(low.size()); }

  std::uint32_t vertex_count = 0;
  /// low[i] < high[i] < vertex_count.
  RawVector<std::uint32_t> low;
  RawVector<std::uint32_t> high;
  RawVector<std::uint32_t> time;
};

}  // namespace tda::detail
