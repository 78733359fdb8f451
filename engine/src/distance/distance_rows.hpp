// SPDX-License-Identifier: Apache-2.0
//
// All distances of a cloud, in rows short enough that the points of a row stay in the cache while all others pass by.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "distance/point_cloud.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

inline constexpr std::size_t longest_distance_row = 2048;

inline std::uint64_t pair_count(std::uint64_t points) noexcept { return points < 2 ? 0 : points * (points - 1) / 2; }

/// Points of one tile: 256 KiB of coordinates.
inline std::size_t tile_points(std::size_t dimension) noexcept {
  return std::clamp<std::size_t>((std::size_t{1} << 15) / std::max<std::size_t>(dimension, 1), 16, longest_distance_row);
}

/// Calls row(i, first, distances, count) with the float64 distances of point i to points first … first + count - 1, all below i, so that
/// each pair comes once; count <= longest_distance_row. row returns false to stop, and then so does this. Cost: n^2/2 distances; polls; reports pairs.
template <class Row>
bool each_distance_row(const PointCloud& cloud, Execution& execution, Row row) {
  const std::uint32_t n = cloud.count();
  const auto tile = static_cast<std::uint32_t>(tile_points(cloud.dimension()));
  RawVector<double> query(execution.budget());
  query.resize(cloud.dimension());
  RawVector<double> distances(execution.budget());
  distances.resize(std::min(n, tile));
  std::uint64_t done = 0;
  for (std::uint32_t first = 0; first < n; first += std::min(tile, n - first)) {
    const std::uint32_t end = first + std::min(tile, n - first);
    for (std::uint32_t i = first + 1; i < n; ++i) {
      const std::size_t count = std::min(i, end) - first;
      cloud.copy_point(i, query.data());
      cloud.distances(query.data(), first, count, distances.data());
      if (!row(i, first, distances.data(), count)) return false;
      done += count;
      execution.set_columns_done(done);
      execution.poll(count * cloud.work_per_distance());
    }
  }
  return true;
}

}  // namespace tda::detail
