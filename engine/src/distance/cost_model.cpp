// SPDX-License-Identifier: Apache-2.0
#include "distance/cost_model.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

double edge_count(const ProblemSize& size) { return size.simplices[1]; }

/// Simplices that the scan of blocks visits one by one.
double scanned(const ProblemSize& size) {
  double sum = 0;
  for (std::uint32_t d = 2; d <= size.max_dimension; ++d) sum += size.simplices[d];
  return sum;
}

/// As in reduction/cohomology.cpp: a matrix of ranks or lists of neighbours.
bool uses_matrix(const ProblemSize& size) {
  const double entries = size.joined_points * size.joined_points;
  const double lane = edge_count(size) < UINT16_MAX ? 2 : 4;
  return entries * lane <= 1 << 21 || 64 * edge_count(size) >= entries;
}

}  // namespace

double expected_bytes(const ProblemSize& size) noexcept {
  const double n = size.points;
  const double m = edge_count(size);
  const double cloud = 8 * n * size.coordinates;
  const double edge = 8 + size.scalar_bytes;

  // distance/: the cloud, the tree's order and boxes, the edges, and blocks of edges while they are joined.
  const double build = size.all_pairs ? cloud + 8 * n + edge * m : 1.25 * cloud + 20 * n + (edge + size.scalar_bytes) * m;
  // complex/edge_sort: two records of 8 bytes an edge.
  const double sort = (edge + 16) * m;
  // Lengths, two ends and a bit for each edge; 40 bytes a point for components and the bars of dimension 0.
  const double kept = (edge + 0.125) * m + 40 * n;
  double graph = 0;
  if (size.max_dimension > 0) {
    const double lane = m < UINT16_MAX ? 2 : 4;
    const double square = size.joined_points * size.joined_points;
    graph = uses_matrix(size) ? square * (lane + 0.125) : 16 * m + 8 * size.joined_points;
    // Columns that are left after the scan.
    graph += 4 * m + 0.2 * scanned(size);
  }
  return size.input_bytes + std::max({build, sort, kept + graph});
}

double expected_seconds(const ProblemSize& size) noexcept {
  const double n = size.points;
  const double m = edge_count(size);
  double seconds = 20e-6;
  if (size.work_per_distance > 0)
    seconds += size.all_pairs ? n * n * 0.5e-9 * size.work_per_distance : n * (0.3e-6 + 0.3e-6 * size.work_per_distance);
  else
    seconds += (size.all_pairs ? n * n : m * 20) * 1e-9;
  seconds += m * 60e-9;
  if (size.max_dimension > 0) {
    const double words = std::max(1.0, size.joined_points / 64);
    seconds += m * (20e-9 + words * 0.5e-9) + scanned(size) * 20e-9;
  }
  return seconds;
}

}  // namespace tda::detail
