// SPDX-License-Identifier: Apache-2.0
//
// PointCloud: the points of an input, ready for the kernels.
//
// Values. Coordinates are widened to float64 and stored by coordinate; a distance is computed in float64, coordinates added in order,
// and rounded once to the scalar type of the input. Cosine: each vector is scaled to length 1, and 1 - cos is computed as half the squared
// Euclidean distance of the two: never negative, and 0 for equal vectors (docs/decisions/0015-computed-distances.md).
// Memory: 8 bytes for each coordinate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/error.hpp"
#include "distance/metric.hpp"
#include "exec/budget.hpp"
#include "exec/execution.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

class PointCloud {
 public:
  PointCloud(std::uint32_t count, std::size_t dimension, ResolvedMetric metric, const KernelTable& kernels, Budget& budget);

  std::uint32_t count() const noexcept { return count_; }
  std::size_t dimension() const noexcept { return dimension_; }
  ResolvedMetric metric() const noexcept { return metric_; }
  /// Coordinate k of point j is column(k)[j].
  const double* column(std::size_t k) const noexcept { return coordinates_.data() + k * count_; }
  double* column(std::size_t k) noexcept { return coordinates_.data() + k * count_; }
  /// Euclidean distances may leave the range of squares: coordinates above 2^500 or, unless 0, below 2^-400.
  bool extreme() const noexcept { return extreme_; }
  void set_extreme(bool extreme) noexcept { extreme_ = extreme; }

  /// Writes the dimension() coordinates of a point.
  void copy_point(std::uint32_t point, double* coordinates) const noexcept;
  /// distances[i] = distance of `query` and point first + i, in float64. Cost: count * dimension.
  void distances(const double* query, std::uint32_t first, std::size_t count, double* distances) const noexcept;
  /// Units of Execution::poll for one distance.
  std::uint64_t work_per_distance() const noexcept { return work_; }

  /// Some of the points, in the given order.
  PointCloud subset(std::span<const std::uint32_t> points) const;

  /// Point j becomes what point order[j] was. Memory: one more column.
  void permute(std::span<const std::uint32_t> order, Execution& execution);

 private:
  PointCloud(const PointCloud& like, std::uint32_t count);
  double repaired(const double* query, std::uint32_t point) const noexcept;

  std::uint32_t count_;
  std::size_t dimension_;
  ResolvedMetric metric_;
  DistanceRow row_;
  std::uint64_t work_;
  bool extreme_ = false;
  RawVector<double> coordinates_;
};

/// Reads the points of an input whose shape is checked.
/// TDA_ERROR_NOT_A_NUMBER (row, column): a coordinate is NaN or infinite. TDA_ERROR_ZERO_VECTOR (row): cosine of a zero vector.
/// TDA_ERROR_INVALID_METRIC. Polls; cost rows * columns.
template <class Scalar>
Expected<PointCloud> read_points(const tda_input& input, const KernelTable& kernels, Execution& execution);

}  // namespace tda::detail
