// SPDX-License-Identifier: Apache-2.0
#include "features/takens_embedding.hpp"

#include <algorithm>
#include <cmath>

namespace tda::detail {

Expected<void> check_finite(const double* values, std::uint64_t rows, std::uint64_t columns, std::uint64_t row_offset, Execution& execution) {
  for (std::uint64_t i = 0; i < rows; ++i) {
    const double* const row = values + i * columns;
    const double* const bad = std::find_if(row, row + columns, [](double value) { return !std::isfinite(value); });
    if (bad != row + columns)
      return fail({.status = TDA_ERROR_NOT_A_NUMBER,
                   .message = "A number is not finite.",
                   .row = row_offset + i,
                   .column = static_cast<std::uint64_t>(bad - row)});
    execution.poll(columns);
  }
  return {};
}

Expected<void> takens_embedding(const tda_feature& feature, FeatureValues& out, Execution& execution) {
  if (feature.dimension == 0 || feature.delay == 0 || feature.skip == 0 || feature.columns == 0)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "Dimension, delay, skip and columns of an embedding are at least 1."});
  const std::uint64_t rows = feature.first_rows;
  const std::uint64_t columns = feature.columns;
  if (auto checked = check_finite(feature.first, rows, columns, 0, execution); !checked) return checked;
  std::uint64_t span = 0;
  if (__builtin_mul_overflow(feature.dimension - 1, feature.delay, &span) || span >= rows) return {};
  const std::uint64_t count = (rows - span - 1) / feature.skip + 1;
  double* to = out.append(array_size(count, array_size(feature.dimension, columns)));
  for (std::uint64_t i = 0; i < count; ++i) {
    for (std::uint64_t k = 0; k < feature.dimension; ++k) {
      const double* const from = feature.first + (i * feature.skip + k * feature.delay) * columns;
      to = std::copy(from, from + columns, to);
      execution.poll(columns);
    }
  }
  return {};
}

}  // namespace tda::detail
