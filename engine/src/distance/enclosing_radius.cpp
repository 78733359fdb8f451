// SPDX-License-Identifier: Apache-2.0
#include "distance/enclosing_radius.hpp"

#include <algorithm>

#include "distance/distance_rows.hpp"

namespace tda::detail {
namespace {

// The largest of numbers that are not NaN, in lanes that the compiler can make a vector of.
double largest_of(const double* values, std::size_t count) noexcept {
  constexpr std::size_t lanes = 8;
  double largest[lanes] = {};
  std::size_t j = 0;
  for (; j + lanes <= count; j += lanes)
    for (std::size_t l = 0; l < lanes; ++l) largest[l] = values[j + l] > largest[l] ? values[j + l] : largest[l];
  for (; j < count; ++j) largest[0] = std::max(largest[0], values[j]);
  return *std::max_element(largest, largest + lanes);
}

}  // namespace

RadiusBounds search_enclosing_radius(const PointCloud& cloud, std::size_t row_limit, Execution& execution) {
  const std::uint32_t n = cloud.count();
  if (n <= 1) return {.lower = 0, .upper = 0};
  RawVector<double> bound(execution.budget());
  bound.assign(n, 0.0);
  RawVector<double> row(execution.budget());
  row.resize(n);
  RawVector<double> query(execution.budget());
  query.resize(cloud.dimension());

  RadiusBounds radius;
  std::size_t rows = 0;
  // The largest distance of a point; all others learn from its row. Returns the farthest point.
  const auto visit = [&](std::uint32_t point) {
    constexpr std::uint32_t piece = 1 << 14;
    cloud.copy_point(point, query.data());
    for (std::uint32_t first = 0; first < n; first += std::min(piece, n - first)) {
      const std::size_t count = std::min(piece, n - first);
      cloud.distances(query.data(), first, count, row.data() + first);
      for (std::size_t j = first; j < first + count; ++j) bound[j] = std::max(bound[j], row[j]);
      execution.poll(count * cloud.work_per_distance());
    }
    const double largest = largest_of(row.data(), n);
    bound[point] = largest;
    if (largest < radius.upper) {
      radius.upper = largest;
      radius.centre = point;
    }
    execution.set_columns_done(++rows);
    return static_cast<std::uint32_t>(std::find(row.begin(), row.end(), largest) - row.begin());
  };

  while (true) {
    const auto least = static_cast<std::uint32_t>(std::min_element(bound.begin(), bound.end()) - bound.begin());
    radius.lower = std::min(bound[least], radius.upper);
    if (radius.exact() || rows >= row_limit) return radius;
    const std::uint32_t farthest = visit(least);
    if (rows < row_limit) visit(farthest);
  }
}

double full_enclosing_radius(const PointCloud& cloud, Execution& execution) {
  RawVector<double> largest(execution.budget());
  largest.assign(cloud.count(), 0.0);
  each_distance_row(cloud, execution, [&](std::uint32_t i, std::uint32_t first, const double* distances, std::size_t count) {
    for (std::size_t j = 0; j < count; ++j) largest[first + j] = std::max(largest[first + j], distances[j]);
    largest[i] = std::max(largest[i], largest_of(distances, count));
    return true;
  });
  return largest.empty() ? 0.0 : *std::min_element(largest.begin(), largest.end());
}

}  // namespace tda::detail
