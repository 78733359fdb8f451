// SPDX-License-Identifier: Apache-2.0
#include "distance/cost_model.hpp"

#include <algorithm>
#include <cmath>

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
  const double bytes = entries * (edge_count(size) < UINT16_MAX ? 2 : 4);
  const double least_density = 8;
  return bytes <= 1 << 21 || 2 * edge_count(size) * least_density >= entries;
}

/// The cloud, its tree with lists of six neighbours, and the state of the rounds (spanning_tree/). Measured: within 10 % above 1,000 points.
double forest_bytes(const ProblemSize& size) noexcept { return size.points * (9 * size.coordinates + (size.points > 256 ? 130 : 40)); }

/// Measured on uniform, spherical and clustered points in 2 to 20 dimensions, 10^4 to 10^6 of them: within a factor of 3.
double forest_seconds(const ProblemSize& size) noexcept {
  const double by_tree = size.points * (1.2e-6 + 0.1e-6 * std::ldexp(1.0, static_cast<int>(std::min(size.coordinates, 30.0))));
  const double by_all_pairs = size.points * size.points * 0.3e-9 * size.work_per_distance;
  return std::min(by_tree, by_all_pairs);
}

/// Columns that are left after the scan, and the working columns. Measured by simplices of dimension 2 and above: on spheres and projective spaces 0.8 to 1.5
/// bytes for each, on a network 0.1. On independent distances, where columns fill up, 18 to 45, growing with the square from some millions on; where they
/// are annotated instead (reduction/annotation_reducer.hpp), as the power 4/3, less in each dimension; mostly within a factor of 2.
double column_bytes(const ProblemSize& size) noexcept {
  const double count = scanned(size);
  switch (size.dominated) {
    case Dominated::none:
      if (size.annotates) return std::max(2 * count, 0.087 * std::pow(6.6, 2 - static_cast<double>(size.max_dimension)) * std::pow(count, 4.0 / 3));
      return std::max(20 * count, 5.5e-6 * count * count);
    case Dominated::nearly_all:
      return 0.25 * count;
    default:
      return 0.6 * count;
  }
}

}  // namespace

double expected_bytes(const ProblemSize& size) noexcept {
  if (size.spanning_forest) return size.input_bytes + forest_bytes(size);
  const double n = size.points;
  const double m = edge_count(size);
  const double cloud = 8 * n * size.coordinates;
  const double edge = 8 + size.scalar_bytes;

  // Checked against the peaks of 30 computations (uniform, spherical, clustered points, the field's benchmarks): within a factor of 2, but 4 on
  // one network and more on 50 points in dimension 7; most within 20 %.
  // distance/: the cloud, the tree's order and boxes, the edges, and blocks of edges while they are joined.
  const double build = size.all_pairs ? cloud + 8 * n + edge * m : 1.25 * cloud + 20 * n + (edge + size.scalar_bytes) * m;
  // complex/edge_sort: two records of 8 bytes an edge.
  const double sort = (edge + 16) * m;
  // Lengths, two ends and a bit for each edge; 40 bytes a point for components and the bars of dimension 0.
  const double kept = (edge + 0.125) * m + 40 * n;
  double graph = 0;
  if (size.collapses) {
    // collapse/: bitsets, dense or of the words in use.
    graph = std::min(0.44 * size.joined_points * size.joined_points + 8 * m, 32 * m);
  } else if (size.max_dimension > 0) {
    const double lane = m < UINT16_MAX ? 2 : 4;
    const double square = size.joined_points * size.joined_points;
    graph = uses_matrix(size) ? square * (lane + 0.125) : 16 * m + 8 * size.joined_points;
    graph += 4 * m + column_bytes(size);
  }
  return size.input_bytes + std::max({build, sort, kept + graph});
}

// Measured on one core of an AMD EPYC (Zen 4, AVX-512), on uniform and spherical points, scanned shapes and networks of the field. The
// reduction is what cannot be foreseen: the worst of these inputs took four times as long as this says, the best a tenth.
double expected_seconds(const ProblemSize& size) noexcept {
  constexpr double fixed = 20e-6;
  constexpr double unit_of_distance = 0.7e-9;   // per unit of work and pair, computed up to three times
  constexpr double matrix_entry = 1e-9;         // per entry of an input matrix, validated and read
  constexpr double tree_point = 0.4e-6;         // building the tree and joining leaves, beside the distances
  constexpr double relative_neighbours = 1e-6;  // for each point, doubled by each coordinate: 2 µs in R², 7 in R³
  constexpr double sparse_entry = 100e-9;       // sorting and comparing
  constexpr double edge_sort = 45e-9;           // collecting and sorting an edge, dimension 0
  constexpr double early_column = 20e-9;        // an edge whose column ends at once
  constexpr double late_column = 0.5e-6;        // the mean where the threshold cuts
  constexpr double list_column = 0.7e-6;        // the same on neighbour lists, and in dimension 1
  constexpr double near_column = 0.25e-6;
  constexpr double link_word = 0.3e-9;
  constexpr double dense_simplex = 8e-9;        // a simplex of dimension 2 and above
  constexpr double sparse_simplex = 25e-9;
  constexpr double collapsed_edge = 0.3e-6;     // an edge looked at by the collapse, and a triangle of it
  constexpr double collapsed_triangle = 5e-9;

  if (size.spanning_forest) return fixed + forest_seconds(size);
  const double n = size.points;
  const double m = edge_count(size);
  double seconds = fixed + m * edge_sort;
  if (size.work_per_distance > 0) {
    seconds += size.all_pairs ? n * n * unit_of_distance * size.work_per_distance
                              : n * (tree_point + 200 * unit_of_distance * size.work_per_distance);
  } else {
    seconds += size.all_pairs ? n * n * matrix_entry : m * sparse_entry;
  }
  if (size.completion) seconds += n * relative_neighbours * std::ldexp(1.0, static_cast<int>(size.coordinates));
  if (size.max_dimension == 0) return seconds;
  if (size.collapses) return seconds + m * collapsed_edge + size.simplices[2] * collapsed_triangle;
  if (uses_matrix(size)) {
    seconds += m * ((size.truncated ? late_column : early_column) + size.joined_points / 64 * link_word) + scanned(size) * dense_simplex;
  } else {
    seconds += m * (size.max_dimension == 1 ? near_column : list_column) + scanned(size) * sparse_simplex;
  }
  return seconds;
}

}  // namespace tda::detail
