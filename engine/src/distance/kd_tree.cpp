// SPDX-License-Identifier: Apache-2.0
#include "distance/kd_tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "distance/box_bound.hpp"
#include "exec/parallel.hpp"

namespace tda::detail {

class KdTree::Builder {
 public:
  Builder(KdTree& tree, Execution& execution) : tree_(tree), keys_(execution.budget()), parts_(execution.budget()) {
    const std::uint32_t count = tree.cloud_.count();
    const std::size_t nodes = node_count(count);
    keys_.resize(count);
    tree.nodes_.resize(nodes);
    tree.boxes_.resize(nodes * 2 * tree.cloud_.dimension());
  }

  void build(Execution& execution) {
    const std::uint32_t count = tree_.cloud_.count();
    const unsigned workers = workers_for(execution, std::uint64_t{64} * count);
    // The top of the tree, down to parts for all workers; they share nothing.
    build(0, 0, count, workers == 1 ? 0 : count / (parts_of_a_worker * workers), execution);
    WorkQueue queue(parts_.size(), 1);
    in_parallel(execution, workers, [&](unsigned, Execution& own) {
      while (const auto part = queue.next()) build(parts_[part->begin].node, parts_[part->begin].begin, parts_[part->begin].end, 0, own);
    });
  }

 private:
  static constexpr std::uint32_t parts_of_a_worker = 4;

  struct Part {
    std::uint32_t node, begin, end;
  };

  /// Nodes of a tree of so many points. On each level the sizes of nodes differ by one at most.
  std::uint32_t node_count(std::uint32_t points) const noexcept {
    const std::uint32_t leaf = tree_.leaf_points_;
    std::uint32_t total = 1;
    std::uint32_t size = points;
    std::uint32_t small = 1;  // nodes of that size
    std::uint32_t large = 0;  // nodes of one more
    while (true) {
      small = size > leaf ? small : 0;
      large = size + 1 > leaf ? large : 0;
      if (small + large == 0) return total;
      total += 2 * (small + large);
      const bool odd = size % 2 != 0;
      size /= 2;
      const std::uint32_t both = small + large;
      small = odd ? small : both + small;
      large = odd ? both + large : large;
    }
  }

  /// Nodes of `least_part` points or fewer are left to others; 0: none are.
  void build(std::uint32_t index, std::uint32_t begin, std::uint32_t end, std::uint32_t least_part, Execution& execution) {
    if (end - begin <= least_part) return parts_.push_back({index, begin, end});
    tree_.nodes_[index] = {.begin = begin, .end = end, .right = no_child};
    const std::size_t widest = set_box(index, begin, end, execution);
    if (end - begin <= tree_.leaf_points_) return;
    const std::uint32_t middle = begin + (end - begin) / 2;
    split(begin, middle, end, widest, execution);
    const std::uint32_t right = index + 1 + node_count(middle - begin);
    tree_.nodes_[index].right = right;
    build(index + 1, begin, middle, least_part, execution);
    build(right, middle, end, least_part, execution);
  }

  struct Key {
    double coordinate;
    std::uint32_t point;
  };

  // Writes the box of a node; returns the coordinate in which it is widest.
  std::size_t set_box(std::uint32_t index, std::uint32_t begin, std::uint32_t end, Execution& execution) {
    const std::size_t dimension = tree_.cloud_.dimension();
    const std::size_t at = std::size_t{index} * 2 * dimension;
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
      execution.poll(end - begin);
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
  void split(std::uint32_t begin, std::uint32_t middle, std::uint32_t end, std::size_t k, Execution& execution) {
    const double* column = tree_.cloud_.column(k);
    for (std::uint32_t i = begin; i < end; ++i) keys_[i] = {column[tree_.order_[i]], tree_.order_[i]};
    const auto at = [this](std::uint32_t i) { return keys_.begin() + i; };
    std::nth_element(at(begin), at(middle), at(end), [&execution](const Key& a, const Key& b) {
      execution.poll(1);
      return a.coordinate < b.coordinate || (a.coordinate == b.coordinate && a.point < b.point);
    });
    for (std::uint32_t i = begin; i < end; ++i) tree_.order_[i] = keys_[i].point;
  }

  KdTree& tree_;
  RawVector<Key> keys_;
  Vector<Part> parts_;
};

KdTree::KdTree(PointCloud& cloud, Execution& execution)
    : cloud_(cloud), leaf_points_(leaf_points(cloud.dimension())), nodes_(execution.budget()), boxes_(execution.budget()), order_(execution.budget()) {
  order_.resize(cloud.count());
  for (std::uint32_t i = 0; i < cloud.count(); ++i) order_[i] = i;
  if (cloud.count() == 0) return;
  Builder(*this, execution).build(execution);
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
  Join(const KdTree& tree, Scalar threshold, VertexNumbers numbers, EdgeCollector<Scalar>& collector, Execution& execution)
      : tree_(tree),
        numbers_(numbers),
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
    if (numbers_ == VertexNumbers::input) {
      collector_.add_star(tree_.order_[point], tree_.order_.data() + first, lengths.data(), count);
    } else if (point < first) {
      collector_.add_column(point, first, lengths.data(), count);
    } else {
      collector_.add_row(point, first, lengths.data(), count);
    }
    execution_.poll(count * tree_.cloud_.work_per_distance());
  }

  const KdTree& tree_;
  VertexNumbers numbers_;
  std::size_t dimension_;
  BoxBound bound_;
  double limit_;
  EdgeCollector<Scalar>& collector_;
  Execution& execution_;
  RawVector<double> query_;
};

template <class Scalar>
bool KdTree::collect(Scalar threshold, VertexNumbers numbers, EdgeCollector<Scalar>& collector, Execution& execution) const {
  return nodes_.empty() || Join<Scalar>(*this, threshold, numbers, collector, execution).within(0);
}

template bool KdTree::collect<float>(float, VertexNumbers, EdgeCollector<float>&, Execution&) const;
template bool KdTree::collect<double>(double, VertexNumbers, EdgeCollector<double>&, Execution&) const;

}  // namespace tda::detail
