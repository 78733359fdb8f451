// SPDX-License-Identifier: Apache-2.0
//
// From the row-major coordinates of an input to a PointCloud.
#include <algorithm>
#include <cmath>
#include <optional>

#include "distance/point_cloud.hpp"

namespace tda::detail {
namespace {

// Rows that are transposed together: a line of the cache in each column is written whole.
constexpr std::size_t strip = 32;

constexpr double largest_plain = 0x1p500;
constexpr double least_plain = 0x1p-400;

// The place of the first NaN or infinity of a row.
template <class Scalar>
std::optional<std::size_t> first_not_finite(const Scalar* row, std::size_t columns) noexcept {
  bool bad = false;
  for (std::size_t k = 0; k < columns; ++k) bad |= !(std::fabs(row[k]) <= std::numeric_limits<Scalar>::max());
  if (!bad) return std::nullopt;
  return static_cast<std::size_t>(std::find_if(row, row + columns, [](Scalar x) { return !std::isfinite(x); }) - row);
}

template <class Scalar>
bool has_extreme(const Scalar* row, std::size_t columns) noexcept {
  bool extreme = false;
  for (std::size_t k = 0; k < columns; ++k) {
    const double size = std::fabs(static_cast<double>(row[k]));
    extreme |= size > largest_plain || (size < least_plain && size > 0);
  }
  return extreme;
}

// Scales a point to length 1; false for a zero vector. The power of two before the sum keeps the squares in range and is exact.
bool normalise(PointCloud& cloud, std::uint32_t point) noexcept {
  double largest = 0;
  for (std::size_t k = 0; k < cloud.dimension(); ++k) largest = std::max(largest, std::fabs(cloud.column(k)[point]));
  if (largest == 0) return false;
  const int exponent = std::ilogb(largest);
  double sum = 0;
  for (std::size_t k = 0; k < cloud.dimension(); ++k) {
    double& value = cloud.column(k)[point];
    value = std::ldexp(value, -exponent);
    sum += value * value;
  }
  const double length = std::sqrt(sum);
  for (std::size_t k = 0; k < cloud.dimension(); ++k) cloud.column(k)[point] /= length;
  return true;
}

}  // namespace

template <class Scalar>
Expected<PointCloud> read_points(const tda_input& input, const KernelTable& kernels, Execution& execution) {
  const Expected<ResolvedMetric> metric = resolve_metric(input);
  if (!metric) return std::unexpected(metric.error());
  const auto count = static_cast<std::uint32_t>(input.rows);
  const auto columns = static_cast<std::size_t>(input.columns);
  const auto* values = static_cast<const Scalar*>(input.values);
  if (columns == 0) {
    if (metric->kind == Metric::cosine && count != 0)
      return fail({.status = TDA_ERROR_ZERO_VECTOR, .message = "The cosine distance of a point without coordinates is undefined.", .row = 0});
    return PointCloud(count, columns, *metric, kernels, execution.budget());
  }

  bool extreme = false;
  for (std::size_t i = 0; i < count; ++i) {
    const Scalar* row = values + i * columns;
    if (const auto k = first_not_finite(row, columns))
      return fail({.status = TDA_ERROR_NOT_A_NUMBER, .message = "A coordinate is not a finite number.", .row = i, .column = *k});
    if constexpr (sizeof(Scalar) == sizeof(double)) extreme = extreme || has_extreme(row, columns);
    execution.poll(columns);
  }

  PointCloud cloud(count, columns, *metric, kernels, execution.budget());
  cloud.set_extreme(extreme);
  for (std::size_t begin = 0; begin < count; begin += strip) {
    const std::size_t end = std::min<std::size_t>(count, begin + strip);
    for (std::size_t k = 0; k < columns; ++k) {
      double* column = cloud.column(k);
      for (std::size_t i = begin; i < end; ++i) column[i] = static_cast<double>(values[i * columns + k]);
      execution.poll(end - begin);
    }
  }
  if (metric->kind == Metric::cosine) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!normalise(cloud, i))
        return fail({.status = TDA_ERROR_ZERO_VECTOR, .message = "The cosine distance of a zero vector is undefined.", .row = i});
      execution.poll(8 * columns);
    }
  }
  return cloud;
}

template Expected<PointCloud> read_points<float>(const tda_input&, const KernelTable&, Execution&);
template Expected<PointCloud> read_points<double>(const tda_input&, const KernelTable&, Execution&);

}  // namespace tda::detail
