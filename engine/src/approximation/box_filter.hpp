// SPDX-License-Identifier: Apache-2.0
//
// Whether all points of a box are farther from a point than a limit: what lets a search of a k-d tree skip a node.
#pragma once

#include <algorithm>
#include <cstddef>

#include "distance/kd_tree.hpp"

namespace tda::detail {

class BoxFilter {
 public:
  explicit BoxFilter(const KdTree& tree) noexcept
      : tree_(tree), dimension_(tree.cloud().dimension()), bound_(KdTree::bound_for(tree.cloud())) {}

  /// True only if each point of the node is farther from `query` than `limit`, rounding included. O(dimension).
  bool apart(const double* query, std::uint32_t node, double limit) const noexcept {
    const double* lower = tree_.lower(node);
    const double* upper = tree_.upper(node);
    double bound = 0;
    for (std::size_t k = 0; k < dimension_; ++k) {
      const double gap = std::max(0.0, std::max(lower[k] - query[k], query[k] - upper[k]));
      switch (bound_) {
        case KdTree::Bound::sum:
          bound += gap;
          break;
        case KdTree::Bound::largest:
          bound = std::max(bound, gap);
          break;
        default:
          bound += gap * gap;
      }
    }
    return bound > scaled(limit);
  }

 private:
  // As in KdTree::collect: a margin far above the rounding of the sums.
  double scaled(double limit) const noexcept {
    constexpr double margin = 1 + 0x1p-30;
    constexpr double least_cosine = 0x1p-98;  // below it the kernel says 0
    if (bound_ == KdTree::Bound::half_sum_of_squares) return 2 * margin * std::max(limit, least_cosine);
    if (bound_ == KdTree::Bound::sum_of_squares) return limit * limit * margin;
    return limit * margin;
  }

  const KdTree& tree_;
  std::size_t dimension_;
  KdTree::Bound bound_;
};

}  // namespace tda::detail
