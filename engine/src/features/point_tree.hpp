// SPDX-License-Identifier: Apache-2.0
//
// PointTree: k-d trees of bars in the plane, in the L-infinity norm, from which bars are taken out one by one.
//
// Source: J. L. Bentley, Multidimensional binary search trees, CACM 18 (1975); taking out what has been seen is what makes bipartite matching of points in
// the plane near linear in a phase (A. Efrat, A. Itai, M. Katz, Geometry helps in bottleneck matching and related problems, Algorithmica 31 (2001)).
//
// Exactness: rounding is monotone, so the rounded gap between a bar and a box is never above the rounded distance of a bar in it.
// Cost: n log n to build, about log n for each bar that is taken. Memory: 4 bytes a bar and a node of 48 bytes for each 4 to 8 bars.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "features/diagram_points.hpp"

namespace tda::detail {

class PointTree {
 public:
  static constexpr std::uint32_t nobody = UINT32_MAX;

  /// No tree yet. `bars` live as long as it.
  PointTree(std::span<const Bar> bars, Execution& execution);

  /// Forgets all trees.
  void clear() noexcept;
  /// A tree of these bars, by their numbers. Returns its number.
  std::uint32_t add_tree(std::span<const std::uint32_t> members);
  /// All bars in one tree, number 0.
  void add_all();
  /// Puts back all that was taken out.
  void restore() noexcept;

  /// Takes out a bar of the tree at most `radius` away from `query`; nobody: there is none (left).
  std::uint32_t take(std::uint32_t tree, const Bar& query, double radius);

  /// Calls visit(bar) for the bars whose distance from `query` is above `low` and below `high`, taken out or not, until it returns false.
  template <class Visit>
  bool each_between(std::uint32_t tree, const Bar& query, double low, double high, Visit visit) {
    return roots_[tree] == nobody || between(roots_[tree], query, low, high, visit);
  }

 private:
  static constexpr std::uint32_t most_leaf_bars = 8;

  struct Node {
    double least_birth, most_birth, least_death, most_death;
    std::uint32_t begin, end;  // in order_
    std::uint32_t left;        // how many of them are not taken out; those of a leaf come first
    std::uint32_t right;       // the right child, the left one follows its parent; nobody: a leaf
  };

  std::uint32_t build(std::uint32_t begin, std::uint32_t end);
  std::uint32_t take_within(std::uint32_t node, const Bar& query, double radius);
  static double gap(const Node& node, const Bar& query) noexcept;
  static double reach(const Node& node, const Bar& query) noexcept;

  template <class Visit>
  bool between(std::uint32_t number, const Bar& query, double low, double high, Visit& visit) {
    const Node& node = nodes_[number];
    execution_.poll(1);
    if (gap(node, query) >= high || reach(node, query) <= low) return true;
    if (node.right != nobody) return between(number + 1, query, low, high, visit) && between(node.right, query, low, high, visit);
    for (std::uint32_t i = node.begin; i < node.end; ++i) {
      const double distance = bar_distance(query, bars_[order_[i]]);
      if (distance > low && distance < high && !visit(order_[i])) return false;
    }
    execution_.poll(node.end - node.begin);
    return true;
  }

  std::span<const Bar> bars_;
  Execution& execution_;
  RawVector<std::uint32_t> order_;
  Vector<Node> nodes_;
  RawVector<std::uint32_t> roots_;
};

}  // namespace tda::detail
