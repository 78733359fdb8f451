// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/completion.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "distance/edge_collector.hpp"
#include "distance/point_graph.hpp"
#include "distance/scalar.hpp"
#include "spanning_tree/farthest_points.hpp"
#include "spanning_tree/relative_neighbours.hpp"

namespace tda::detail {
namespace {

/// Cuts in units of the longest relative neighbours. Measured on uniform points of cubes and spheres: the last class dies at 1.01 to 1.1 in R³, 1.1 to 1.4 on
/// surfaces. Holes need more, and mostly end the search.
struct Cut {
  double factor;
  /// Edges up to the threshold for one up to the cut. The class of a hole costs much at each cut that it survives, so later cuts must promise more.
  std::uint64_t least_gain;
};
constexpr std::array<Cut, 5> cuts = {{{1.25, 4}, {1.6, 16}, {2.2, 512}, {3.5, 512}, {6, 512}}};

/// Boxes and points looked at for each point before the search for relative neighbours is given up: uniform points in R³ take about 400.
constexpr std::uint64_t most_work_per_point = 4000;

std::uint64_t work_limit(std::uint64_t points, std::uint64_t searched) { return searched * std::min(most_work_per_point, points / 2); }

constexpr std::uint32_t sampled_rows = 64;
constexpr std::uint32_t sampled_neighbourhoods = 4096;
constexpr std::uint32_t few_neighbourhoods = 256;

/// Calls visit(point, first, row) with the distances of some points to all, in pieces that begin at point `first`.
template <class Visit>
void each_sampled_row(const PointCloud& cloud, Execution& execution, Visit visit) {
  RawVector<double> query(execution.budget());
  query.resize(cloud.dimension());
  constexpr std::uint32_t piece = 2048;
  std::array<double, piece> row;
  for (std::uint64_t i = 0; i < sampled_rows; ++i) {
    const auto point = static_cast<std::uint32_t>(i * cloud.count() / sampled_rows);
    cloud.copy_point(point, query.data());
    for (std::uint32_t first = 0; first < cloud.count(); first += std::min(piece, cloud.count() - first)) {
      const std::uint32_t count = std::min(piece, cloud.count() - first);
      cloud.distances(query.data(), first, count, row.data());
      visit(point, first, std::span<const double>(row.data(), count));
      execution.poll(count * cloud.work_per_distance());
    }
  }
}

/// Are there few edges up to the cut, compared with the threshold?
template <class Scalar>
bool is_worth_while(const PointCloud& cloud, Scalar cut, std::uint64_t least_gain, Scalar threshold, Execution& execution) {
  if (!(cut < threshold)) return false;
  std::uint64_t below_cut = 0;
  std::uint64_t below_threshold = 0;
  each_sampled_row(cloud, execution, [&](std::uint32_t, std::uint32_t, std::span<const double> row) {
    for (const double distance : row) {
      below_cut += static_cast<Scalar>(distance) <= cut ? 1 : 0;
      below_threshold += static_cast<Scalar>(distance) <= threshold ? 1 : 0;
    }
  });
  return below_cut * least_gain < below_threshold;
}

/// Nearest neighbours are relative neighbours, so that a cut is at least the first factor times their distance: if that is not worth while, nothing is, and
/// no tree is needed to know it.
template <class Scalar>
bool is_hopeless(const PointCloud& cloud, Scalar requested, Execution& execution) {
  if (requested == infinity<Scalar>) return false;
  double farthest = 0;
  double nearest = 0;
  each_sampled_row(cloud, execution, [&](std::uint32_t point, std::uint32_t first, std::span<const double> row) {
    if (first == 0) {
      farthest = std::max(farthest, nearest);
      nearest = std::numeric_limits<double>::infinity();
    }
    for (std::size_t j = 0; j < row.size(); ++j) nearest = first + j != point && row[j] < nearest ? row[j] : nearest;
  });
  farthest = std::max(farthest, nearest);
  return !is_worth_while(cloud, round_to<Scalar>(farthest * cuts[0].factor), cuts[0].least_gain, requested, execution);
}

/// The first cut as foreseen from the relative neighbours of some of the points. Nothing: they are not to be had.
template <class Scalar>
std::optional<Scalar> foreseen_cut(const PointCloud& cloud, const KdTree& tree, std::uint32_t neighbourhoods, Execution& execution) {
  const std::uint32_t stride = 1 + cloud.count() / neighbourhoods;
  const auto bound = bound_relative_neighbours(tree, stride, work_limit(cloud.count(), cloud.count() / stride + 1), execution);
  if (!bound || *bound == 0) return std::nullopt;
  // The longest of all is longer than the longest of a sample, about as the radius of the largest empty ball among uniform points grows.
  const auto digits = [](std::uint32_t count) { return static_cast<double>(std::bit_width(count)); };
  const double growth = std::sqrt(digits(cloud.count()) / digits(cloud.count() / stride));
  return round_to<Scalar>(*bound * growth * cuts[0].factor);
}

/// The same from the relative neighbours of some points.
template <class Scalar>
bool is_hopeless(const PointCloud& cloud, const KdTree& tree, Scalar requested, Execution& execution) {
  if (requested == infinity<Scalar>) return false;
  const std::optional<Scalar> cut = foreseen_cut<Scalar>(cloud, tree, few_neighbourhoods, execution);
  return !cut || !is_worth_while(cloud, *cut, cuts[0].least_gain, requested, execution);
}

/// Nothing: there is no other cut to try.
template <class Scalar>
std::optional<Scalar> next_cut(const PointCloud& cloud, Scalar threshold, const CompletionSearch& search, Execution& execution) {
  if (search.over || search.failures >= cuts.size()) return std::nullopt;
  const auto cut = round_to<Scalar>(search.relative_neighbours * cuts[search.failures].factor);
  if (!is_worth_while(cloud, cut, cuts[search.failures].least_gain, threshold, execution)) return std::nullopt;
  return cut;
}

/// The order of the input: numbers that follow space make the reduction of a large complex several times slower (measured on a circle).
void restore_order(const KdTree& tree, PointCloud& cloud, Execution& execution) {
  RawVector<std::uint32_t> place(execution.budget());
  place.resize(cloud.count());
  for (std::uint32_t i = 0; i < cloud.count(); ++i) place[tree.order()[i]] = i;
  cloud.permute(place, execution);
}

/// The edges up to the next cut; nothing where none is worth while.
template <class Scalar>
Expected<std::optional<FilteredGraph<Scalar>>> build_up_to_cut(const PointCloud& cloud, const KdTree& tree, Scalar requested,
                                                               CompletionSearch& search, Execution& execution) {
  if (search.relative_neighbours == 0) {
    if (is_hopeless(cloud, tree, requested, execution)) return std::nullopt;
    const auto bound = bound_relative_neighbours(tree, 1, work_limit(cloud.count(), cloud.count()), execution);
    if (!bound || *bound == 0) return std::nullopt;
    search.relative_neighbours = *bound;
    search.enclosing_radius = enclosing_radius_by_tree(tree, execution);
  }
  FilteredGraph<Scalar> graph(execution.budget());
  graph.vertex_count = cloud.count();
  graph.enclosing_radius = round_to<Scalar>(search.enclosing_radius);
  graph.threshold = std::min(requested, graph.enclosing_radius);
  graph.truncated = graph.threshold < graph.enclosing_radius;
  graph.provisional = true;
  const std::optional<Scalar> cut = next_cut(cloud, graph.threshold, search, execution);
  if (!cut) return std::nullopt;
  execution.begin_stage(TDA_STAGE_EDGES, 0, cloud.count(), graph_fraction);
  EdgeCollector<Scalar> collector(*cut, execution);
  if (!tree.collect(*cut, VertexNumbers::any, collector, execution))
    return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "There are more edges than an index can number.", .dimension = 1});
  collector.finish(graph);
  return graph;
}

}  // namespace

bool may_complete_early(std::uint64_t points, const tda_rips_options& options) noexcept {
  return points >= least_completion_points && options.max_dimension == 1 && options.representatives == TDA_REPRESENTATIVES_NONE &&
         options.approximation == TDA_APPROXIMATION_NONE;
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_completing_graph(PointCloud& cloud, Scalar requested, CompletionSearch& search, Execution& execution) {
  if (!search.over) {
    if (const auto checked = check_distance_overflow<Scalar>(cloud, execution); !checked) return std::unexpected(checked.error());
    execution.begin_stage(TDA_STAGE_DISTANCES, 0, cloud.count(), graph_fraction / 2);
    search.over = search.relative_neighbours == 0 && is_hopeless(cloud, requested, execution);
  }
  if (!search.over) {
    const KdTree tree(cloud, execution);
    auto graph = build_up_to_cut(cloud, tree, requested, search, execution);
    if (!graph) return std::unexpected(graph.error());
    if (*graph) return *std::move(*graph);
    search.over = true;
    restore_order(tree, cloud, execution);
  }
  return build_point_graph(cloud, requested, VertexNumbers::any, execution);
}

template <class Scalar>
std::optional<Scalar> expected_cut(PointCloud& cloud, Scalar threshold, Execution& execution) {
  const KdTree tree(cloud, execution);
  const std::optional<Scalar> cut = foreseen_cut<Scalar>(cloud, tree, sampled_neighbourhoods, execution);
  if (!cut || !is_worth_while(cloud, *cut, cuts[0].least_gain, threshold, execution)) return std::nullopt;
  return cut;
}

template Expected<FilteredGraph<float>> build_completing_graph<float>(PointCloud&, float, CompletionSearch&, Execution&);
template Expected<FilteredGraph<double>> build_completing_graph<double>(PointCloud&, double, CompletionSearch&, Execution&);
template std::optional<float> expected_cut<float>(PointCloud&, float, Execution&);
template std::optional<double> expected_cut<double>(PointCloud&, double, Execution&);

}  // namespace tda::detail
