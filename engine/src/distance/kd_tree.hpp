// SPDX-License-Identifier: Apache-2.0
//
// A k-d tree of a cloud for finding all pairs of near points.
//
// Source: J. L. Bentley, Multidimensional binary search trees, CACM 18 (1975); the join of a tree with itself: A. Gray and A. Moore, N-body
// problems in statistical learning, NIPS 2000. Nodes carry the box of their points, so that clusters, duplicates, huge offsets and
// points on a line all prune well, and nothing is divided by the threshold. In high dimensions nothing prunes, and the join is all pairs at the
// speed of the kernels, in bounded memory.
//
// Exactness: a pair is pruned only if the distance of the boxes, made smaller by far more than its rounding, is above the threshold; what is
// left goes through the same kernel as everywhere else, and the collector compares.
//
// Build: n log n; memory 4 bytes a point, 16 bytes a point while building, and boxes of about 1/8 of the cloud.
#pragma once

#include <cstdint>
#include <span>

#include "distance/edge_collector.hpp"
#include "distance/point_cloud.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

class KdTree {
 public:
  static constexpr std::uint32_t most_leaf_points = 128;
  static constexpr std::uint32_t no_child = UINT32_MAX;
  /// How the distance of boxes is computed: never above the distance of points in them, up to rounding.
  enum class Bound { sum, sum_of_squares, half_sum_of_squares, largest };

  /// A range of the permuted cloud. The left child follows its parent.
  struct Node {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t right;

    bool is_leaf() const noexcept { return right == no_child; }
    std::uint32_t size() const noexcept { return end - begin; }
  };

  /// Permutes the cloud so that each node is a range of it. Uses the computation's threads.
  KdTree(PointCloud& cloud, Execution& execution);

  /// Shows to the collector all pairs that can be at or below `threshold` (and more).
  /// False: the collector is overflown. Expected cost for near neighbours: n log n + the pairs of neighbouring leaves.
  template <class Scalar>
  bool collect(Scalar threshold, VertexNumbers numbers, EdgeCollector<Scalar>& collector, Execution& execution) const;

  // For searches of other kinds (src/approximation, src/spanning_tree).
  /// As permuted by the tree.
  const PointCloud& cloud() const noexcept { return cloud_; }
  /// The number of each point before the permutation.
  std::span<const std::uint32_t> order() const noexcept { return order_; }
  /// Node 0 is the root; without points there is none. A parent comes before its children.
  std::span<const Node> nodes() const noexcept { return nodes_; }
  /// The box of a node: its least and its largest coordinates.
  const double* lower(std::uint32_t node) const noexcept { return boxes_.data() + std::size_t{node} * 2 * cloud_.dimension(); }
  const double* upper(std::uint32_t node) const noexcept { return lower(node) + cloud_.dimension(); }

  static Bound bound_for(const PointCloud& cloud) noexcept;

 private:
  template <class Scalar>
  class Join;
  class Builder;

  static std::uint32_t leaf_points(std::size_t dimension) noexcept;

  const PointCloud& cloud_;
  std::uint32_t leaf_points_;
  Vector<Node> nodes_;
  RawVector<double> boxes_;
  RawVector<std::uint32_t> order_;
};

}  // namespace tda::detail
