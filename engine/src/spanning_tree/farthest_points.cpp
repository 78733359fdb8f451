// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/farthest_points.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "distance/box_bound.hpp"

namespace tda::detail {
namespace {

class RadiusSearch {
 public:
  RadiusSearch(const KdTree& tree, Execution& execution)
      : tree_(tree),
        cloud_(tree.cloud()),
        bound_(tree.cloud()),
        execution_(execution),
        query_(execution.budget()),
        centre_(execution.budget()),
        witnesses_(execution.budget()) {
    const std::size_t dimension = cloud_.dimension();
    query_.resize(dimension);
    centre_.resize(dimension);
    for (std::size_t k = 0; k < dimension; ++k) centre_[k] = tree.lower(0)[k] * 0.5 + tree.upper(0)[k] * 0.5;
  }

  double run() {
    look_within(0);
    return radius_;
  }

 private:
  static constexpr std::size_t most_witnesses = 32;

  struct Witness {
    std::uint32_t leaf;
    std::uint32_t point;
  };

  // From the middle outwards: good radii come early.
  void look_within(std::uint32_t node) {
    if (radius_ == 0 || is_far_from_a_witness(node)) return;
    const KdTree::Node& n = tree_.nodes()[node];
    if (n.is_leaf()) {
      for (std::uint32_t p = n.begin; p < n.end; ++p) measure(p);
      return;
    }
    const auto gap = [&](std::uint32_t child) {
      return bound_.least(centre_.data(), centre_.data(), tree_.lower(child), tree_.upper(child));
    };
    const bool right_first = gap(n.right) < gap(node + 1);
    look_within(right_first ? n.right : node + 1);
    look_within(right_first ? node + 1 : n.right);
  }

  bool is_far_from_a_witness(std::uint32_t node) {
    if (radius_ == std::numeric_limits<double>::infinity()) return false;
    const double limit = bound_.limit(radius_);
    for (const Witness& witness : witnesses_) {
      execution_.poll(1 + cloud_.dimension() / 2);
      cloud_.copy_point(witness.point, query_.data());
      if (bound_.least(query_.data(), query_.data(), tree_.lower(node), tree_.upper(node)) > limit) return true;
    }
    return false;
  }

  // Lowers the radius to the largest distance of a point, if that is less.
  void measure(std::uint32_t point) {
    cloud_.copy_point(point, query_.data());
    farthest_ = 0;
    if (!witnesses_.empty()) look_into(witnesses_.back().leaf);
    look_far(0, std::numeric_limits<double>::infinity());
    radius_ = std::min(radius_, farthest_);
  }

  void look_far(std::uint32_t node, double span) {
    if (farthest_ >= radius_ || span < bound_.reach(farthest_)) return;
    const KdTree::Node& n = tree_.nodes()[node];
    if (n.is_leaf()) {
      if (look_into(node)) remember(node);
      return;
    }
    execution_.poll(1 + cloud_.dimension() / 2);
    const auto span_to = [&](std::uint32_t child) {
      return bound_.most(query_.data(), query_.data(), tree_.lower(child), tree_.upper(child));
    };
    const double left = span_to(node + 1);
    const double right = span_to(n.right);
    if (right > left) {
      look_far(n.right, right);
      look_far(node + 1, left);
    } else {
      look_far(node + 1, left);
      look_far(n.right, right);
    }
  }

  // True: the leaf has a farther point.
  bool look_into(std::uint32_t leaf) {
    const KdTree::Node& n = tree_.nodes()[leaf];
    std::array<double, KdTree::most_leaf_points> row;
    cloud_.distances(query_.data(), n.begin, n.size(), row.data());
    execution_.poll(n.size() * cloud_.work_per_distance());
    const auto* const largest = std::max_element(row.data(), row.data() + n.size());
    if (*largest <= farthest_) return false;
    farthest_ = *largest;
    far_point_ = n.begin + static_cast<std::uint32_t>(largest - row.data());
    return true;
  }

  // The last one is looked at first; the first one makes room.
  void remember(std::uint32_t leaf) {
    std::erase_if(witnesses_, [&](const Witness& w) { return w.leaf == leaf; });
    if (witnesses_.size() == most_witnesses) witnesses_.erase(witnesses_.begin());
    witnesses_.push_back({leaf, far_point_});
  }

  const KdTree& tree_;
  const PointCloud& cloud_;
  BoxBound bound_;
  Execution& execution_;
  double radius_ = std::numeric_limits<double>::infinity();
  double farthest_ = 0;
  std::uint32_t far_point_ = 0;
  RawVector<double> query_;
  RawVector<double> centre_;
  Vector<Witness> witnesses_;
};

}  // namespace

double enclosing_radius_by_tree(const KdTree& tree, Execution& execution) {
  return tree.cloud().count() < 2 ? 0.0 : RadiusSearch(tree, execution).run();
}

}  // namespace tda::detail
