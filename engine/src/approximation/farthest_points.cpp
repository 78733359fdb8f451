// SPDX-License-Identifier: Apache-2.0
#include "approximation/farthest_points.hpp"

#include <array>
#include <limits>

#include "approximation/box_filter.hpp"

namespace tda::detail {
namespace {

class FarthestPoints {
 public:
  FarthestPoints(const KdTree& tree, Execution& execution)
      : tree_(tree),
        filter_(tree),
        execution_(execution),
        query_(execution.budget()),
        distance_(execution.budget()),
        farthest_(execution.budget()) {
    query_.resize(tree.cloud().dimension());
    distance_.assign(tree.cloud().count(), std::numeric_limits<double>::infinity());
    farthest_.assign(tree.nodes().size(), {.distance = std::numeric_limits<double>::infinity(), .place = 0});
  }

  struct Farthest {
    double distance;
    std::uint32_t place;
  };

  /// Of all points from the chosen ones.
  const Farthest& farthest() const noexcept { return farthest_.front(); }

  void choose(std::uint32_t place) {
    tree_.cloud().copy_point(place, query_.data());
    distance_[place] = 0;
    visit(0);
  }

 private:
  bool is_after(const Farthest& a, const Farthest& b) const noexcept {
    return a.distance < b.distance || (a.distance == b.distance && tree_.order()[a.place] > tree_.order()[b.place]);
  }

  // The node holds a point that the chosen one may be nearer to than all before.
  void visit(std::uint32_t node) {
    execution_.poll(1 + query_.size() / 2);
    Farthest& farthest = farthest_[node];
    if (farthest.distance == 0 || filter_.apart(query_.data(), node, farthest.distance)) return;
    const KdTree::Node& range = tree_.nodes()[node];
    if (range.right == KdTree::no_child) {
      farthest = shorten(range);
      return;
    }
    visit(node + 1);
    visit(range.right);
    farthest = is_after(farthest_[node + 1], farthest_[range.right]) ? farthest_[range.right] : farthest_[node + 1];
  }

  Farthest shorten(const KdTree::Node& leaf) {
    std::array<double, KdTree::most_leaf_points> row;
    const std::uint32_t count = leaf.end - leaf.begin;
    tree_.cloud().distances(query_.data(), leaf.begin, count, row.data());
    execution_.poll(count * tree_.cloud().work_per_distance());
    Farthest farthest{.distance = -1, .place = leaf.begin};
    for (std::uint32_t j = 0; j < count; ++j) {
      double& distance = distance_[leaf.begin + j];
      distance = row[j] < distance ? row[j] : distance;
      const Farthest candidate{.distance = distance, .place = leaf.begin + j};
      if (is_after(farthest, candidate)) farthest = candidate;
    }
    return farthest;
  }

  const KdTree& tree_;
  BoxFilter filter_;
  Execution& execution_;
  RawVector<double> query_;
  RawVector<double> distance_;
  RawVector<Farthest> farthest_;
};

}  // namespace

GreedyPermutation farthest_points(const KdTree& tree, std::uint32_t start, std::uint32_t most, Execution& execution) {
  GreedyPermutation permutation(execution.budget());
  if (tree.nodes().empty() || most == 0) return permutation;
  permutation.points.reserve(most);
  permutation.radius.reserve(most);
  FarthestPoints points(tree, execution);
  std::uint32_t next = start;
  double radius = std::numeric_limits<double>::infinity();
  do {
    permutation.points.push_back(next);
    permutation.radius.push_back(radius);
    points.choose(next);
    next = points.farthest().place;
    radius = points.farthest().distance;
    execution.set_columns_done(permutation.points.size());
  } while (radius > 0 && permutation.points.size() < most);
  permutation.cover_radius = radius;
  return permutation;
}

}  // namespace tda::detail
