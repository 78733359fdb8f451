// SPDX-License-Identifier: Apache-2.0
#include "approximation/sparse_rips.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "approximation/box_filter.hpp"
#include "approximation/farthest_points.hpp"
#include "approximation/matrix_points.hpp"
#include "approximation/sparse_graph_builder.hpp"
#include "distance/enclosing_radius.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_graph.hpp"

namespace tda::detail {
namespace {

std::unexpected<Error> too_many_edges() {
  return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "There are more edges than an index can number.", .dimension = 1});
}

Accuracy sparse_accuracy(double epsilon) {
  return {.approximation = TDA_APPROXIMATION_SPARSE_RIPS, .error_kind = TDA_ERROR_KIND_MULTIPLICATIVE, .error_bound = 1 / (1 - epsilon)};
}

template <class Scalar>
FilteredGraph<Scalar> frame_graph(const RawVector<std::uint32_t>& rows, std::uint32_t count, double epsilon, Execution& execution) {
  FilteredGraph<Scalar> graph(execution.budget());
  graph.vertex_count = count;
  graph.accuracy = sparse_accuracy(epsilon);
  if (rows.size() < count) {
    graph.absent.assign(count, 1);
    for (const std::uint32_t row : rows) graph.absent[row] = 0;
  }
  return graph;
}

// A threshold below 0 leaves nothing, not even points.
template <class Scalar>
void empty_graph(FilteredGraph<Scalar>& graph, Scalar threshold) {
  graph.threshold = threshold;
  graph.truncated = true;
  graph.absent.assign(graph.vertex_count, 1);
}

/// Finds the earlier points near a point.
template <class Scalar>
class EarlierPoints {
 public:
  EarlierPoints(const KdTree& tree, const GreedyPermutation& permutation, SparseGraphBuilder<Scalar>& builder, Execution& execution)
      : tree_(tree),
        filter_(tree),
        builder_(builder),
        execution_(execution),
        query_(execution.budget()),
        number_(execution.budget()),
        least_(execution.budget()) {
    query_.resize(tree.cloud().dimension());
    number_.assign(tree.cloud().count(), UINT32_MAX);
    for (std::uint32_t i = 0; i < permutation.points.size(); ++i) number_[permutation.points[i]] = i;
    least_.resize(tree.nodes().size());
    for (std::size_t node = least_.size(); node-- > 0;) {
      const KdTree::Node& range = tree.nodes()[node];
      least_[node] = range.right == KdTree::no_child
                         ? *std::min_element(number_.begin() + range.begin, number_.begin() + range.end)
                         : std::min(least_[node + 1], least_[range.right]);
    }
    execution.poll(2 * number_.size());
  }

  void offer(std::uint32_t point, std::uint32_t place) {
    point_ = point;
    reach_ = builder_.reach(point);
    tree_.cloud().copy_point(place, query_.data());
    visit(0);
  }

 private:
  void visit(std::uint32_t node) {
    execution_.poll(1 + query_.size() / 2);
    if (least_[node] >= point_ || filter_.apart(query_.data(), node, reach_)) return;
    const KdTree::Node& range = tree_.nodes()[node];
    if (range.right != KdTree::no_child) {
      visit(node + 1);
      visit(range.right);
      return;
    }
    std::array<double, KdTree::most_leaf_points> row;
    const std::uint32_t count = range.end - range.begin;
    tree_.cloud().distances(query_.data(), range.begin, count, row.data());
    execution_.poll(count * tree_.cloud().work_per_distance());
    for (std::uint32_t j = 0; j < count; ++j)
      if (number_[range.begin + j] < point_ && row[j] <= reach_) builder_.offer(number_[range.begin + j], point_, row[j]);
  }

  const KdTree& tree_;
  BoxFilter filter_;
  SparseGraphBuilder<Scalar>& builder_;
  Execution& execution_;
  RawVector<double> query_;
  /// By place; UINT32_MAX: equal to an earlier point.
  RawVector<std::uint32_t> number_;
  /// By node: the least number in it.
  RawVector<std::uint32_t> least_;
  std::uint32_t point_ = 0;
  double reach_ = 0;
};

RawVector<double> distances_from_first(const PointCloud& cloud, const GreedyPermutation& permutation, Execution& execution) {
  RawVector<double> query(execution.budget());
  query.resize(cloud.dimension());
  cloud.copy_point(permutation.points.front(), query.data());
  RawVector<double> distances(execution.budget());
  distances.reserve(permutation.points.size());
  for (const std::uint32_t place : permutation.points) {
    double distance = 0;
    cloud.distances(query.data(), place, 1, &distance);
    distances.push_back(distance);
    execution.poll(cloud.work_per_distance());
  }
  return distances;
}

}  // namespace

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_rips(PointCloud& cloud, double epsilon, Scalar requested, Execution& execution) {
  if (const auto checked = check_distance_overflow<Scalar>(cloud, execution); !checked) return std::unexpected(checked.error());
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, radius_rows, graph_fraction / 16);
  const std::uint32_t centre = search_enclosing_radius(cloud, radius_rows, execution).centre;
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, cloud.count(), graph_fraction / 2);
  const KdTree tree(cloud, execution);
  const auto start = static_cast<std::uint32_t>(std::ranges::find(tree.order(), centre) - tree.order().begin());
  const GreedyPermutation permutation = farthest_points(tree, start, cloud.count(), execution);
  RawVector<std::uint32_t> rows(execution.budget());
  for (const std::uint32_t place : permutation.points) rows.push_back(tree.order()[place]);
  FilteredGraph<Scalar> graph = frame_graph<Scalar>(rows, cloud.count(), epsilon, execution);
  if (requested < 0) {
    empty_graph(graph, requested);
    return graph;
  }
  const RawVector<double> from_first = distances_from_first(cloud, permutation, execution);
  SparseGraphBuilder<Scalar> builder(permutation, epsilon, rows, from_first, requested, execution);
  EarlierPoints<Scalar> earlier(tree, permutation, builder, execution);
  execution.begin_stage(TDA_STAGE_EDGES, 0, rows.size(), graph_fraction);
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    earlier.offer(i, permutation.points[i]);
    if (!builder.close(i)) return too_many_edges();
    execution.set_columns_done(i);
  }
  builder.finish(graph);
  return graph;
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_rips(const MatrixView<Scalar>& matrix, double epsilon, Scalar requested, Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, matrix.count, graph_fraction / 2);
  const GreedyPermutation permutation = farthest_rows(matrix, matrix.count, execution).chosen;
  const RawVector<std::uint32_t>& rows = permutation.points;
  FilteredGraph<Scalar> graph = frame_graph<Scalar>(rows, matrix.count, epsilon, execution);
  if (requested < 0) {
    empty_graph(graph, requested);
    return graph;
  }
  RawVector<double> from_first(execution.budget());
  for (const std::uint32_t row : rows) from_first.push_back(row == rows.front() ? 0 : matrix_distance(matrix, rows.front(), row));
  SparseGraphBuilder<Scalar> builder(permutation, epsilon, rows, from_first, requested, execution);
  execution.begin_stage(TDA_STAGE_EDGES, 0, rows.size(), graph_fraction);
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const double reach = builder.reach(i);
    for (std::uint32_t j = 0; j < i; ++j) {
      const double distance = matrix_distance(matrix, rows[i], rows[j]);
      if (distance <= reach) builder.offer(j, i, distance);
    }
    if (!builder.close(i)) return too_many_edges();
    execution.set_columns_done(i);
    execution.poll(4 * std::uint64_t{i});
  }
  builder.finish(graph);
  return graph;
}

template Expected<FilteredGraph<float>> build_sparse_rips<float>(PointCloud&, double, float, Execution&);
template Expected<FilteredGraph<double>> build_sparse_rips<double>(PointCloud&, double, double, Execution&);
template Expected<FilteredGraph<float>> build_sparse_rips<float>(const MatrixView<float>&, double, float, Execution&);
template Expected<FilteredGraph<double>> build_sparse_rips<double>(const MatrixView<double>&, double, double, Execution&);

}  // namespace tda::detail
