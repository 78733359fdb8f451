// SPDX-License-Identifier: Apache-2.0
#include "features/robust_z_score.hpp"

#include <algorithm>
#include <cmath>

#include "features/diagram_points.hpp"
#include "features/takens_embedding.hpp"

namespace tda::detail {
namespace {

/// 1 / the upper quartile of the standard normal distribution.
constexpr double normal_consistency = 1.482602218505602;

/// Of at least one number; sorts them. Halves are exact and their sum does not overflow.
double median(RawVector<double>& values, Execution& execution) {
  std::sort(values.begin(), values.end(), [&](double a, double b) {
    execution.poll(1);
    return a < b;
  });
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2;
}

}  // namespace

Expected<void> robust_z_score(const tda_feature& feature, FeatureValues& out, Execution& execution) {
  if (auto checked = check_finite(feature.first, feature.first_rows, 1, 0, execution); !checked) return checked;
  if (auto checked = check_finite(feature.second, feature.second_rows, 1, feature.first_rows, execution); !checked) return checked;
  if (feature.first_rows == 0) return {};
  RawVector<double> values(execution.budget());
  values.assign(feature.first, feature.first + feature.first_rows);
  const double centre = median(values, execution);
  for (double& value : values) value = std::fabs(value - centre);
  const double spread = normal_consistency * median(values, execution);
  if (spread == 0) return {};
  if (std::isinf(spread)) return fail_overflow();
  double* const scores = out.append(array_size(feature.second_rows));
  for (std::uint64_t i = 0; i < feature.second_rows; ++i) {
    scores[i] = (feature.second[i] - centre) / spread;
    if (!std::isfinite(scores[i])) return fail_overflow();
    execution.poll(4);
  }
  return {};
}

}  // namespace tda::detail
