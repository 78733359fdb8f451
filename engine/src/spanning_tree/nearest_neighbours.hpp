// SPDX-License-Identifier: Apache-2.0
//
// The few nearest neighbours of each point, through a k-d tree.
//
// The points of a leaf search together: one walk through the tree, nearest nodes first, with the least bound of them all, and in each leaf that is
// reached a row of distances for each point that can find something in it. Source: J. L. Bentley 1975 and J. H. Friedman, J. L. Bentley and R. A. Finkel,
// An algorithm for finding best matches in logarithmic expected time, ACM TOMS 3 (1977). Leaves share nothing but the tree.
// Expected cost in low dimension: O(log n) boxes a leaf and a handful of rows a point. Memory: 12 bytes a neighbour.
#pragma once

#include <cstdint>

#include "distance/box_bound.hpp"
#include "distance/kd_tree.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

class NearestNeighbours {
 public:
  class Search;

  /// Precondition: the tree has more than `count` points. The tree outlives this. Nothing is searched yet.
  NearestNeighbours(const KdTree& tree, std::uint32_t count, Execution& execution);

  /// Searches all leaves, on the workers that this pays for.
  void search_all(Execution& execution);

  /// Neighbours of each point.
  std::uint32_t count() const noexcept { return count_; }
  /// By distance; places in the tree's order. No point that is not among them is nearer than the last.
  std::uint32_t* points(std::uint32_t point) noexcept { return points_.data() + std::size_t{point} * count_; }
  double* distances(std::uint32_t point) noexcept { return distances_.data() + std::size_t{point} * count_; }

 private:
  const KdTree& tree_;
  std::uint32_t count_;
  RawVector<std::uint32_t> points_;
  RawVector<double> distances_;
};

/// The searches of one worker.
class NearestNeighbours::Search {
 public:
  Search(NearestNeighbours& lists, Execution& execution);

  /// Finds the neighbours of the points of a leaf. Returns the number of distances computed.
  std::uint64_t leaf(std::uint32_t leaf);

 private:
  void visit(std::uint32_t node, double gap);
  void meet_leaf(std::uint32_t node);
  void meet(std::uint32_t point, std::uint32_t first, std::uint32_t count);
  void offer(std::uint32_t point, std::uint32_t other, double distance) noexcept;
  double gap_to(std::uint32_t node) const noexcept;

  NearestNeighbours& lists_;
  const KdTree& tree_;
  BoxBound bound_;
  std::uint32_t count_;
  Execution& execution_;
  std::uint32_t leaf_ = 0;
  std::uint64_t computed_ = 0;
  double limit_ = 0;
  RawVector<double> query_;
};

}  // namespace tda::detail
