// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/spanning_forest.hpp"

#include <algorithm>

#include "distance/distance_rows.hpp"
#include "distance/enclosing_radius.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_graph.hpp"
#include "distance/scalar.hpp"
#include "spanning_tree/boruvka.hpp"
#include "spanning_tree/farthest_points.hpp"
#include "spanning_tree/nearest_neighbours.hpp"
#include "spanning_tree/prim.hpp"

namespace tda::detail {
namespace {

/// Nearly all of a computation of dimension 0.
constexpr double forest_fraction = 0.9;

/// Measured on uniform points in R³: fewer make points walk through the tree in early rounds, more take memory.
constexpr std::uint32_t listed_neighbours = 6;

constexpr std::uint32_t sampled_leaves = 16;

/// A point that meets this share of all others in the tree is better off without it.
constexpr std::uint64_t useless_share = 8;

/// Do searches in this tree leave most points out?
bool prunes(const KdTree& tree, NearestNeighbours& neighbours, Execution& execution) {
  const auto nodes = tree.nodes();
  NearestNeighbours::Search search(neighbours, execution);
  std::uint64_t computed = 0;
  std::uint64_t points = 0;
  for (std::uint32_t i = 0; i < sampled_leaves; ++i) {
    auto leaf = static_cast<std::uint32_t>(nodes.size() * i / sampled_leaves);
    while (!nodes[leaf].is_leaf()) ++leaf;
    computed += search.leaf(leaf);
    points += nodes[leaf].size();
  }
  return computed * useless_share < points * tree.cloud().count();
}

struct SpanningTree {
  explicit SpanningTree(Budget& budget) : edges(budget), number(budget) {}

  RawVector<TreeEdge> edges;
  /// Of each point, in the input; empty: the same.
  RawVector<std::uint32_t> number;
  double enclosing_radius = 0;
};

/// False: the tree of the points does not prune. Then `out` only knows the numbers.
bool span_by_tree(PointCloud& cloud, SpanningTree& out, Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, cloud.count(), forest_fraction / 2);
  const KdTree tree(cloud, execution);
  out.number.assign(tree.order().begin(), tree.order().end());
  NearestNeighbours neighbours(tree, listed_neighbours, execution);
  if (!prunes(tree, neighbours, execution)) return false;
  neighbours.search_all(execution);
  execution.begin_stage(TDA_STAGE_EDGES, 0, cloud.count(), forest_fraction);
  out.edges = boruvka_tree(tree, neighbours, execution);
  out.enclosing_radius = enclosing_radius_by_tree(tree, execution);
  return true;
}

/// The radius before the tree, which takes the cloud apart.
template <class Scalar>
void span_by_all_pairs(PointCloud& cloud, Scalar requested, SpanningTree& out, Execution& execution) {
  const std::uint64_t pairs = pair_count(cloud.count());
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, radius_rows, forest_fraction / 8);
  const RadiusBounds radius = search_enclosing_radius(cloud, radius_rows, execution);
  if (radius.exact()) {
    out.enclosing_radius = radius.upper;
  } else if (cloud.count() <= all_pairs_points || requested >= round_to<Scalar>(radius.lower)) {
    execution.begin_stage(TDA_STAGE_DISTANCES, 0, pairs, forest_fraction / 2);
    out.enclosing_radius = full_enclosing_radius(cloud, execution);
  } else {
    out.enclosing_radius = infinity<double>;
  }
  execution.begin_stage(TDA_STAGE_EDGES, 0, pairs, forest_fraction);
  out.edges = prim_tree(cloud, execution);
}

/// All distances are 0.
void span_coinciding_points(std::uint32_t count, SpanningTree& out, Execution& execution) {
  if (count > 1) out.edges.reserve(count - 1);
  for (std::uint32_t i = 1; i < count; ++i) {
    out.edges.push_back({0, i - 1, i});
    execution.poll(1);
  }
}

template <class Scalar>
SpanningTree find_spanning_tree(PointCloud& cloud, Scalar requested, Execution& execution) {
  SpanningTree out(execution.budget());
  if (cloud.dimension() == 0) {
    span_coinciding_points(cloud.count(), out, execution);
  } else if (cloud.count() <= spanning_by_all_pairs_points || !span_by_tree(cloud, out, execution)) {
    span_by_all_pairs(cloud, requested, out, execution);
  }
  return out;
}

/// The edges at or below the threshold, in the input's numbers.
template <class Scalar>
void keep_edges(const SpanningTree& tree, FilteredGraph<Scalar>& graph, Execution& execution) {
  const auto is_kept = [&](const TreeEdge& edge) { return round_to<Scalar>(edge.length) <= graph.threshold; };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(tree.edges, is_kept));
  graph.length.reserve(count);
  graph.low.reserve(count);
  graph.high.reserve(count);
  const auto number = [&](std::uint32_t point) { return tree.number.empty() ? point : tree.number[point]; };
  for (const TreeEdge& edge : tree.edges) {
    execution.poll(1);
    if (!is_kept(edge)) continue;
    const std::uint32_t from = number(edge.from);
    const std::uint32_t to = number(edge.to);
    graph.length.push_back(round_to<Scalar>(edge.length));
    graph.low.push_back(std::min(from, to));
    graph.high.push_back(std::max(from, to));
  }
}

}  // namespace

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_spanning_forest(PointCloud& cloud, Scalar requested, Execution& execution) {
  FilteredGraph<Scalar> graph(execution.budget());
  graph.vertex_count = cloud.count();
  if (const auto checked = check_distance_overflow<Scalar>(cloud, execution); !checked) return std::unexpected(checked.error());
  const SpanningTree tree = find_spanning_tree(cloud, requested, execution);
  graph.enclosing_radius = round_to<Scalar>(tree.enclosing_radius);
  graph.threshold = std::min(requested, graph.enclosing_radius);
  graph.truncated = graph.threshold < graph.enclosing_radius;
  if (graph.threshold < 0) {
    graph.absent.assign(cloud.count(), 1);
  } else {
    keep_edges(tree, graph, execution);
  }
  return graph;
}

template Expected<FilteredGraph<float>> build_spanning_forest<float>(PointCloud&, float, Execution&);
template Expected<FilteredGraph<double>> build_spanning_forest<double>(PointCloud&, double, Execution&);

}  // namespace tda::detail
