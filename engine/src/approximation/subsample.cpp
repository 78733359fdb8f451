// SPDX-License-Identifier: Apache-2.0
#include "approximation/subsample.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "approximation/farthest_points.hpp"
#include "approximation/matrix_points.hpp"
#include "distance/enclosing_radius.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_graph.hpp"
#include "distance/scalar.hpp"

namespace tda::detail {
namespace {

// `first_radius`: the largest distance from the first point.
double point_error_bound(Metric metric, double first_radius, double cover_radius) {
  if (metric != Metric::cosine) return 2 * cover_radius;
  const double longest_chord = std::min(2.0, 2 * std::sqrt(2 * first_radius));
  return std::min(2.0, 2 * std::sqrt(2 * cover_radius) * longest_chord);
}

// |a - b|, 0 for two infinities.
double difference(double a, double b) noexcept { return a == b ? 0 : std::fabs(a - b); }

template <class Scalar>
double distortion(const MatrixView<Scalar>& matrix, const MatrixPermutation& permutation, const MatrixSample<Scalar>& sample,
                  Execution& execution) {
  // By number of choice: its place in the sample.
  RawVector<std::uint32_t> place(execution.budget());
  place.resize(permutation.chosen.points.size());
  for (std::size_t c = 0; c < place.size(); ++c) {
    const auto at = std::ranges::lower_bound(sample.rows, permutation.chosen.points[c]);
    place[c] = static_cast<std::uint32_t>(at - sample.rows.begin());
  }
  const MatrixView<Scalar> small{
      .values = sample.values.data(), .count = static_cast<std::uint32_t>(place.size()), .kind = TDA_DISTANCES_LOWER_DIAG};
  double largest = 0;
  for (std::uint32_t i = 0; i < matrix.count; ++i) {
    execution.set_columns_done(i);
    execution.poll(4 * std::uint64_t{i});
    if (permutation.nearest[i] == MatrixPermutation::unborn) continue;
    const std::uint32_t a = place[permutation.nearest[i]];
    largest = std::max(largest, difference(static_cast<double>(matrix.diagonal(i)), static_cast<double>(small.diagonal(a))));
    const Scalar* row = matrix.row(i);
    for (std::uint32_t j = 0; j < i; ++j) {
      if (permutation.nearest[j] == MatrixPermutation::unborn) continue;
      const std::uint32_t b = place[permutation.nearest[j]];
      const double image = a == b ? static_cast<double>(small.diagonal(a)) : matrix_distance(small, a, b);
      largest = std::max(largest, difference(static_cast<double>(row[j]), image));
    }
  }
  return largest;
}

}  // namespace

PointSample sample_points(PointCloud cloud, std::uint32_t most, Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, radius_rows, graph_fraction / 16);
  const std::uint32_t centre = search_enclosing_radius(cloud, radius_rows, execution).centre;
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, most, graph_fraction / 8);
  const KdTree tree(cloud, execution);
  const auto start = static_cast<std::uint32_t>(std::ranges::find(tree.order(), centre) - tree.order().begin());
  GreedyPermutation chosen = farthest_points(tree, start, most, execution);
  const double first_radius = chosen.radius.size() > 1 ? chosen.radius[1] : chosen.cover_radius;

  const auto row_of = [&](std::uint32_t place) { return tree.order()[place]; };
  std::ranges::sort(chosen.points, {}, row_of);
  RawVector<std::uint32_t> rows(execution.budget());
  rows.resize(chosen.points.size());
  std::ranges::transform(chosen.points, rows.begin(), row_of);
  execution.poll(16 * rows.size());
  return {.cloud = cloud.subset(chosen.points),
          .rows = std::move(rows),
          .accuracy = {.approximation = TDA_APPROXIMATION_SUBSAMPLE,
                       .error_kind = TDA_ERROR_KIND_ADDITIVE,
                       .error_bound = point_error_bound(cloud.metric().kind, first_radius, chosen.cover_radius),
                       .cover_radius = chosen.cover_radius}};
}

template <class Scalar>
Expected<MatrixSample<Scalar>> sample_matrix(const MatrixView<Scalar>& matrix, std::uint32_t most, Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, most, graph_fraction / 8);
  const MatrixPermutation permutation = farthest_rows(matrix, most, execution);
  MatrixSample<Scalar> sample{.values = RawVector<Scalar>(execution.budget()),
                              .rows = RawVector<std::uint32_t>(permutation.chosen.points),
                              .accuracy = {.approximation = TDA_APPROXIMATION_SUBSAMPLE,
                                           .error_kind = TDA_ERROR_KIND_ADDITIVE,
                                           .cover_radius = permutation.chosen.cover_radius}};
  std::ranges::sort(sample.rows);
  sample.values.reserve(sample.rows.size() * (sample.rows.size() + 1) / 2);
  for (std::size_t a = 0; a < sample.rows.size(); ++a) {
    const Scalar* row = matrix.row(sample.rows[a]);
    for (std::size_t b = 0; b < a; ++b) sample.values.push_back(row[sample.rows[b]]);
    sample.values.push_back(matrix.diagonal(sample.rows[a]));
    execution.poll(a);
  }
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, matrix.count, graph_fraction / 4);
  sample.accuracy.error_bound = distortion(matrix, permutation, sample, execution);
  if (std::isinf(sample.accuracy.error_bound))
    return fail({.status = TDA_ERROR_NOT_SUPPORTED,
                 .message = "The error of this subsample has no finite bound: it is joined to other points than those it stands for."});
  return sample;
}

template <class Scalar>
void spread_over_rows(FilteredGraph<Scalar>& graph, const RawVector<std::uint32_t>& rows, std::uint32_t count, Execution& execution) {
  graph.vertex_count = count;
  RawVector<std::uint8_t> absent(execution.budget());
  absent.assign(count, 1);
  for (std::size_t v = 0; v < rows.size(); ++v) absent[rows[v]] = graph.absent.empty() ? std::uint8_t{0} : graph.absent[v];
  graph.absent.swap(absent);
  if (!graph.births.empty()) {
    RawVector<Scalar> births(execution.budget());
    births.assign(count, Scalar{0});
    for (std::size_t v = 0; v < rows.size(); ++v) births[rows[v]] = graph.births[v];
    graph.births.swap(births);
  }
  // Rows ascend, so the order of the edges stays what it is.
  for (std::size_t e = 0; e < graph.low.size(); ++e) {
    graph.low[e] = rows[graph.low[e]];
    graph.high[e] = rows[graph.high[e]];
    execution.poll(1);
  }
}

template Expected<MatrixSample<float>> sample_matrix<float>(const MatrixView<float>&, std::uint32_t, Execution&);
template Expected<MatrixSample<double>> sample_matrix<double>(const MatrixView<double>&, std::uint32_t, Execution&);
template void spread_over_rows<float>(FilteredGraph<float>&, const RawVector<std::uint32_t>&, std::uint32_t, Execution&);
template void spread_over_rows<double>(FilteredGraph<double>&, const RawVector<std::uint32_t>&, std::uint32_t, Execution&);

}  // namespace tda::detail
