// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "core/error.hpp"
#include "exec/execution.hpp"
#include "features/feature_values.hpp"

namespace tda::detail {

/// `count` evenly spaced numbers: start + i (end - start) / (count - 1), the last exactly `end`; one number: `start`. Ascending.
/// TDA_ERROR_INVALID_OPTION: no point, an end that is not finite or before the start. TDA_ERROR_DISTANCE_OVERFLOW: they are too far apart.
inline Expected<RawVector<double>> make_grid(double start, double end, std::uint64_t count, Execution& execution) {
  if (count == 0 || !std::isfinite(start) || !std::isfinite(end) || end < start)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "A grid has at least one point, and a finite start not after its finite end."});
  if (std::isinf(end - start)) return fail({.status = TDA_ERROR_DISTANCE_OVERFLOW, .message = "The ends of a grid are too far apart."});
  RawVector<double> grid(execution.budget());
  grid.resize(array_size(count));
  const double step = count == 1 ? 0.0 : (end - start) / static_cast<double>(count - 1);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double t = start + static_cast<double>(i) * step;
    grid[i] = t < end ? t : end;
    execution.poll(1);
  }
  if (count > 1) grid.back() = end;
  return grid;
}

}  // namespace tda::detail
