// SPDX-License-Identifier: Apache-2.0
#include "distance/kd_tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "distance/box_bound.hpp"

namespace tda::detail {

class KdTree::Builder {
 public:
  Builder(KdTree& tree, Execution& execution) : tree_(tree), execution_(execution), keys_(execution.budget()) {
    keys_.resize(tree.cloud_.count());
  }

  void build(std::uint32_t begin, std::uint32_t end) {
    const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
    tree_.nodes_.push_back({.begin = begin, .end = end, .right = no_child});
    const std::size_t widest = add_box(begin, end);
    if (end - begin <= tree_.leaf_points_) return;
    const std::uint32_t middle = begin + (end - begin) / 2;
    split(begin, middle, end, widest);
    build(begin, middle);
    tree_.nodes_[index].right = static_cast<std::uint32_t>(tree_.nodes_.size());
    build(middle, end);
  }

 private:
  struct Key {
    double coordinate;
    std::uint32_t point;
  };

  // Appends the box of a range; returns the coordinate in which it is widest.
  std::size_t add_box(std::uint32_t begin, std::uint32_t end) {
    const std::size_t dimension = tree_.cloud_.dimension();
    const std::size_t at = tree_.boxes_.size();
    tree_.boxes_.resize(at + 2 * dimension);
    std::size_t widest = 0;
    double width = -1;
    for (std::size_t k = 0; k < dimension; ++k) {
      const double* column = tree_.cloud_.column(k);
      double least = std::numeric_limits<double>::infinity();
      double most = -least;
      for (std::uint32_t i = begin; i < end; ++i) {
        const double x = column[tree_.order_[i]];
        least = std::min(least, x);
        most = std::max(most, x);
      }
      execution_.poll(end - begin);
      tree_.boxes_[at + k] = least;
      tree_.boxes_[at + dimension + k] = most;
      const double extent = most * 0.5 - least * 0.5;
      if (extent > width) {
        width = extent;
        widest = k;
      }
    }
    return widest;
  }

  // Ties are split by number: the tree is the same with every standard library.
  void split(std::uint32_t begin, std::uint32_t middle, std::uint32_t end, std::size_t k) {
    const double* column = tree_.cloud_.column(k);
    for (std::uint32_t i = begin; i < end; ++i) keys_[i] = {column[tree_.order_[i]], tree_.order_[i]};
    const auto at = [this](std::uint32_t i) { return keys_.begin() + i; };
    std::nth_element(at(begin), at(middle), at(end), [this](const Key& a, const Key& b) {
      execution_.poll(1);
      return a.coordinate < b.coordinate || (a.coordinate == b.coordinate && a.point < b.point);
    });
    for (std::uint32_t i = begin; i < end; ++i) tree_.order_[i] = keys_[i].point;
  }

  KdTree& tree_;
  Execution& execution_;
  RawVector<Key> keys_;
};

KdTree::KdTree(PointCloud& cloud, Execution& execution)
    : cloud_(cloud), leaf_points_(leaf_points(cloud.dimension())), nodes_(execution.budget()), boxes_(execution.budget()), order_(execution.budget()) {
  order_.resize(cloud.count());
  for (std::uint32_t i = 0; i < cloud.count(); ++i) order_[i] = i;
  if (cloud.count() == 0) return;
  Builder(*this, execution).build(0, cloud.count());
  cloud.permute(order_, execution);
}

// Measured: the best of powers of two. In high dimensions boxes hardly prune, and long rows suit the kernels.
std::uint32_t KdTree::leaf_points(std::size_t dimension) noexcept {
  return dimension <= 4 ? 32 : dimension <= 10 ? 64 : most_leaf_points;
}

KdTree::Bound KdTree::bound_for(const PointCloud& cloud) noexcept {
  switch (cloud.metric().kind) {
    case Metric::manhattan:
      return Bound::sum;
    case Metric::cosine:
      return Bound::half_sum_of_squares;
    case Metric::euclidean:
      // Without squares nothing can leave their range.
      return cloud.extreme() ? Bound::largest : Bound::sum_of_squares;
    case Metric::minkowski:
      // The norms fall as the exponent rises.
      return cloud.extreme() || cloud.metric().exponent > 2 ? Bound::largest : Bound::sum_of_squares;
    case Metric::chebyshev:
      break;
  }
  return Bound::largest;
}

template <class Scalar>
class KdTree::Join {
 public:
  Join(const KdTree& tree, Scalar threshold, EdgeCollector<Scalar>& collector, Execution& execution)
      : tree_(tree),
        dimension_(tree.cloud_.dimension()),
        bound_(tree.cloud_),
        // The largest number that rounds to the threshold counts, too.
        limit_(bound_.limit(static_cast<double>(std::nextafter(threshold, std::numeric_limits<Scalar>::infinity())))),
        collector_(collector),
        execution_(execution),
        query_(execution.budget()) {
    query_.resize(dimension_);
  }

  bool within(std::uint32_t node) {
    const Node& n = tree_.nodes_[node];
    if (n.is_leaf()) return leaf_within(n);
    return within(node + 1) && within(n.right) && between(node + 1, n.right);
  }

 private:
  bool apart(const double* lower_a, const double* upper_a, const double* lower_b, const double* upper_b) const noexcept {
    return bound_.least(lower_a, upper_a, lower_b, upper_b) > limit_;
  }

  bool between(std::uint32_t a, std::uint32_t b) {
    execution_.poll(1 + dimension_ / 2);
    if (apart(tree_.lower(a), tree_.upper(a), tree_.lower(b), tree_.upper(b))) return true;
    const Node& node_a = tree_.nodes_[a];
    const Node& node_b = tree_.nodes_[b];
    const bool leaf_a = node_a.is_leaf();
    const bool leaf_b = node_b.is_leaf();
    if (leaf_a && leaf_b) return leaves(node_a, node_b, b);
    if (leaf_b || (!leaf_a && node_a.end - node_a.begin >= node_b.end - node_b.begin))
      return between(a + 1, b) && between(node_a.right, b);
    return between(a, b + 1) && between(a, node_b.right);
  }

  bool leaf_within(const Node& node) {
    for (std::uint32_t i = node.begin + 1; i < node.end; ++i) {
      tree_.cloud_.copy_point(i, query_.data());
      show(i, node.begin, i - node.begin);
    }
    execution_.set_columns_done(node.end);
    return !collector_.overflown();
  }

  bool leaves(const Node& a, const Node& b, std::uint32_t index_b) {
    for (std::uint32_t i = a.begin; i < a.end; ++i) {
      tree_.cloud_.copy_point(i, query_.data());
      if (apart(query_.data(), query_.data(), tree_.lower(index_b), tree_.upper(index_b))) continue;
      show(i, b.begin, b.end - b.begin);
    }
    execution_.poll((a.end - a.begin) * (1 + dimension_ / 2));
    return !collector_.overflown();
  }

  void show(std::uint32_t point, std::uint32_t first, std::uint32_t count) {
    std::array<double, most_leaf_points> distances;
    tree_.cloud_.distances(query_.data(), first, count, distances.data());
    std::array<Scalar, most_leaf_points> lengths;
    for (std::uint32_t j = 0; j < count; ++j) lengths[j] = static_cast<Scalar>(distances[j]);
    collector_.add_star(tree_.order_[point], tree_.order_.data() + first, lengths.data(), count);
    execution_.poll(count * tree_.cloud_.work_per_distance());
  }

  const KdTree& tree_;
  std::size_t dimension_;
  BoxBound bound_;
  double limit_;
  EdgeCollector<Scalar>& collector_;
  Execution& execution_;
  RawVector<double> query_;
};

template <class Scalar>
bool KdTree::collect(Scalar threshold, EdgeCollector<Scalar>& collector, Execution& execution) const {
  return nodes_.empty() || Join<Scalar>(*this, threshold, collector, execution).within(0);
}

template bool KdTree::collect<float>(float, EdgeCollector<float>&, Execution&) const;
template bool KdTree::collect<double>(double, EdgeCollector<double>&, Execution&) const;

}  // namespace tda::detail
