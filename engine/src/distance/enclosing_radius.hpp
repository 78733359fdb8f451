// SPDX-License-Identifier: Apache-2.0
//
// The enclosing radius of a point cloud: min over points of the largest distance to another one. At this scale some point is a
// cone over the whole complex, so that nothing dies later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "distance/point_cloud.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

/// lower <= the enclosing radius <= upper; equal when it was found.
struct RadiusBounds {
  double lower = 0;
  double upper = std::numeric_limits<double>::infinity();
  /// A point whose largest distance is `upper`.
  std::uint32_t centre = 0;
  bool exact() const noexcept { return lower >= upper; }
};

/// Looks for the radius with at most `row_limit` rows of distances: a row gives the largest distance of its point and, for any metric, a lower
/// bound of that of all others; next comes the point with the least bound, and the point farthest from it. Clouds of low dimension take about
/// 10 to 30 rows. Distances are in float64: rounding to the scalar type keeps the order. Memory: 16 bytes a point.
RadiusBounds search_enclosing_radius(const PointCloud& cloud, std::size_t row_limit, Execution& execution);

/// The radius by all n (n - 1) / 2 distances. Memory: 8 bytes a point.
double full_enclosing_radius(const PointCloud& cloud, Execution& execution);

}  // namespace tda::detail
