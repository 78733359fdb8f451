// SPDX-License-Identifier: Apache-2.0
#include "distance/point_graph.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "distance/distance_rows.hpp"
#include "distance/edge_collector.hpp"
#include "distance/enclosing_radius.hpp"
#include "distance/kd_tree.hpp"
#include "distance/scalar.hpp"

namespace tda::detail {
namespace {

Error too_many_edges() {
  return {.status = TDA_ERROR_INDEX_OVERFLOW, .message = "There are more edges than an index can number.", .dimension = 1};
}

// No computed distance is larger.
double diameter_bound(const PointCloud& cloud, Execution& execution) {
  if (cloud.metric().kind == Metric::cosine) return 2;
  double largest = 0;
  for (std::size_t k = 0; k < cloud.dimension(); ++k) {
    const double* column = cloud.column(k);
    const auto [least, most] = std::minmax_element(column, column + cloud.count());
    execution.poll(cloud.count());
    if (cloud.count() != 0) largest = std::max(largest, *most - *least);
  }
  // Each of these metrics is at most the sum of the differences.
  return largest * static_cast<double>(cloud.dimension()) * 1.001;
}

}  // namespace

template <class Scalar>
Expected<void> check_distance_overflow(const PointCloud& cloud, Execution& execution) {
  if (round_to<Scalar>(diameter_bound(cloud, execution)) < infinity<Scalar>) return {};
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, pair_count(cloud.count()), graph_fraction / 8);
  std::optional<Error> error;
  each_distance_row(cloud, execution, [&](std::uint32_t i, std::uint32_t first, const double* distances, std::size_t count) {
    const auto* overflown =
        std::find_if(distances, distances + count, [](double d) { return !(round_to<Scalar>(d) < infinity<Scalar>); });
    if (overflown == distances + count) return true;
    error = Error{.status = TDA_ERROR_DISTANCE_OVERFLOW,
                  .message = "The distance of two points is too large for the type of the input.",
                  .row = i,
                  .column = first + static_cast<std::uint64_t>(overflown - distances)};
    return false;
  });
  if (error) return fail(*std::move(error));
  return {};
}

namespace {

// A distance of these costs less than the memory that the blocks of an unexpected number of edges take.
bool is_cheap(const PointCloud& cloud) { return cloud.work_per_distance() <= 16; }

}  // namespace

template <class Scalar>
std::uint64_t count_point_edges(const PointCloud& cloud, Scalar threshold, Execution& execution) {
  std::uint64_t edges = 0;
  each_distance_row(cloud, execution, [&](std::uint32_t, std::uint32_t, const double* distances, std::size_t count) {
    std::uint64_t found = 0;
    for (std::size_t j = 0; j < count; ++j) found += static_cast<Scalar>(distances[j]) <= threshold ? 1 : 0;
    edges += found;
    return edges < UINT32_MAX;
  });
  return edges;
}

namespace {

// All pairs, kept where they are at or below the threshold. False: more than can be numbered.
template <class Scalar>
bool collect_all_pairs(const PointCloud& cloud, Scalar threshold, EdgeCollector<Scalar>& collector, Execution& execution) {
  if (is_cheap(cloud) || cloud.count() > all_pairs_points) {
    execution.begin_stage(TDA_STAGE_EDGES, 0, pair_count(cloud.count()), graph_fraction / 2);
    const std::uint64_t edges = count_point_edges(cloud, threshold, execution);
    if (edges >= UINT32_MAX) return false;
    collector.expect(edges);
  }
  execution.begin_stage(TDA_STAGE_EDGES, 0, pair_count(cloud.count()), graph_fraction);
  std::array<Scalar, longest_distance_row> lengths;
  return each_distance_row(cloud, execution, [&](std::uint32_t i, std::uint32_t first, const double* distances, std::size_t count) {
    if constexpr (sizeof(Scalar) == sizeof(double)) {
      collector.add_row(i, first, distances, count);
    } else {
      for (std::size_t j = 0; j < count; ++j) lengths[j] = static_cast<Scalar>(distances[j]);
      collector.add_row(i, first, lengths.data(), count);
    }
    return !collector.overflown();
  });
}

// The least length at which a vertex is joined to all others by edges of the graph.
template <class Scalar>
std::optional<Scalar> cone_radius(const FilteredGraph<Scalar>& graph, Execution& execution) {
  Vector<std::uint32_t> degree(execution.budget());
  degree.assign(graph.vertex_count, 0);
  RawVector<Scalar> largest(execution.budget());
  largest.assign(graph.vertex_count, Scalar{0});
  for (std::size_t e = 0; e < graph.length.size(); ++e) {
    for (const std::uint32_t v : {graph.low[e], graph.high[e]}) {
      ++degree[v];
      largest[v] = std::max(largest[v], graph.length[e]);
    }
    execution.poll(2);
  }
  std::optional<Scalar> radius;
  for (std::uint32_t v = 0; v < graph.vertex_count; ++v)
    if (degree[v] == graph.vertex_count - 1) radius = std::min(radius.value_or(largest[v]), largest[v]);
  return radius;
}

}  // namespace

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_point_graph(PointCloud& cloud, Scalar requested, VertexNumbers numbers, Execution& execution) {
  const std::uint32_t n = cloud.count();
  FilteredGraph<Scalar> graph(execution.budget());
  graph.vertex_count = n;
  if (const auto checked = check_distance_overflow<Scalar>(cloud, execution); !checked) return std::unexpected(checked.error());

  execution.begin_stage(TDA_STAGE_DISTANCES, 0, radius_rows, graph_fraction / 4);
  const RadiusBounds radius = search_enclosing_radius(cloud, radius_rows, execution);
  const bool all_pairs = n <= all_pairs_points || requested >= round_to<Scalar>(radius.upper);
  if (radius.exact()) {
    graph.enclosing_radius = round_to<Scalar>(radius.upper);
  } else if (all_pairs) {
    execution.begin_stage(TDA_STAGE_DISTANCES, 0, pair_count(n), graph_fraction / 2);
    graph.enclosing_radius = round_to<Scalar>(full_enclosing_radius(cloud, execution));
  } else {
    graph.enclosing_radius = infinity<Scalar>;
  }
  graph.threshold = std::min(requested, graph.enclosing_radius);
  graph.truncated = graph.threshold < graph.enclosing_radius;
  if (graph.threshold < 0) {
    graph.absent.assign(n, 1);
    return graph;
  }

  EdgeCollector<Scalar> collector(graph.threshold, execution);
  bool complete = false;
  if (all_pairs) {
    complete = collect_all_pairs(cloud, graph.threshold, collector, execution);
  } else {
    execution.begin_stage(TDA_STAGE_EDGES, 0, n, graph_fraction);
    const KdTree tree(cloud, execution);
    complete = tree.collect(graph.threshold, numbers, collector, execution);
  }
  if (!complete) return fail(too_many_edges());
  collector.finish(graph);
  if (graph.enclosing_radius == infinity<Scalar> && round_to<Scalar>(radius.lower) <= graph.threshold) {
    if (const auto cone = cone_radius(graph, execution)) {
      graph.enclosing_radius = *cone;
      graph.truncated = false;
    }
  }
  return graph;
}

template std::uint64_t count_point_edges<float>(const PointCloud&, float, Execution&);
template std::uint64_t count_point_edges<double>(const PointCloud&, double, Execution&);
template Expected<void> check_distance_overflow<float>(const PointCloud&, Execution&);
template Expected<void> check_distance_overflow<double>(const PointCloud&, Execution&);
template Expected<FilteredGraph<float>> build_point_graph<float>(PointCloud&, float, VertexNumbers, Execution&);
template Expected<FilteredGraph<double>> build_point_graph<double>(PointCloud&, double, VertexNumbers, Execution&);

}  // namespace tda::detail
