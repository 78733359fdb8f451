// SPDX-License-Identifier: Apache-2.0
#include "features/diagram_points.hpp"

#include <algorithm>

namespace tda::detail {

Expected<DiagramPoints> read_diagram(const DiagramInput& input, Execution& execution) {
  const bool replaces = !std::isnan(input.essential_death);
  if (std::isinf(input.essential_death))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The death of essential bars must be finite, or NaN for none."});
  DiagramPoints points{.finite = RawVector<Bar>(execution.budget()), .essential = RawVector<double>(execution.budget())};
  points.finite.reserve(static_cast<std::size_t>(input.rows));
  for (std::uint64_t i = 0; i < input.rows; ++i) {
    execution.poll(1);
    Bar bar{.birth = input.pairs[2 * i], .death = input.pairs[2 * i + 1]};
    const std::uint64_t row = input.row_offset + i;
    if (!std::isfinite(bar.birth))
      return fail({.status = TDA_ERROR_NOT_A_NUMBER, .message = "A birth is not a finite number.", .row = row, .column = 0});
    if (std::isnan(bar.death))
      return fail({.status = TDA_ERROR_NOT_A_NUMBER, .message = "A death is not a number.", .row = row, .column = 1});
    if (bar.death < bar.birth)
      return fail({.status = TDA_ERROR_DEATH_BEFORE_BIRTH, .message = "A bar dies before it is born.", .row = row});
    if (std::isinf(bar.death)) {
      if (!replaces) {
        points.essential.push_back(bar.birth);
        continue;
      }
      bar.death = std::max(bar.birth, input.essential_death);
    }
    if (bar.birth < bar.death) points.finite.push_back(bar);
  }
  std::sort(points.essential.begin(), points.essential.end(), [&](double a, double b) {
    execution.poll(1);
    return a < b;
  });
  return points;
}

}  // namespace tda::detail
