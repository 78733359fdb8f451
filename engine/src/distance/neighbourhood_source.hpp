// SPDX-License-Identifier: Apache-2.0
//
// The graph of an input at a threshold, looked at around single points: what the cost estimate samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "exec/budget.hpp"

namespace tda::detail {

class NeighbourhoodSource {
 public:
  virtual ~NeighbourhoodSource() = default;

  virtual std::uint32_t count() const noexcept = 0;
  /// The points joined to `point`, ascending. Cost: a row of distances.
  virtual void neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) = 0;
  /// Bit j of row i (`words` words each, cleared before) is set where points[i] and points[j] are joined. Both directions.
  virtual void adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) = 0;
  /// Execution::poll units of a row of distances.
  virtual std::uint64_t row_work() const noexcept = 0;
};

}  // namespace tda::detail
