// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/nearest_neighbours.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "exec/parallel.hpp"

namespace tda::detail {

NearestNeighbours::NearestNeighbours(const KdTree& tree, std::uint32_t count, Execution& execution)
    : tree_(tree), count_(count), points_(execution.budget()), distances_(execution.budget()) {
  points_.resize(std::size_t{tree.cloud().count()} * count);
  distances_.resize(std::size_t{tree.cloud().count()} * count);
}

void NearestNeighbours::search_all(Execution& execution) {
  const auto nodes = tree_.nodes();
  const std::uint64_t work = std::uint64_t{64} * tree_.cloud().count() * tree_.cloud().work_per_distance();
  WorkQueue queue(nodes.size(), 64);
  in_parallel(execution, workers_for(execution, work), [&](unsigned, Execution& own) {
    Search search(*this, own);
    while (const auto part = queue.next()) {
      for (std::size_t i = part->begin; i < part->end; ++i) {
        if (!nodes[i].is_leaf()) continue;
        search.leaf(static_cast<std::uint32_t>(i));
        own.set_columns_done(nodes[i].end);
      }
    }
  });
}

NearestNeighbours::Search::Search(NearestNeighbours& lists, Execution& execution)
    : lists_(lists), tree_(lists.tree_), bound_(lists.tree_.cloud()), count_(lists.count_), execution_(execution), query_(execution.budget()) {
  query_.resize(tree_.cloud().dimension());
}

std::uint64_t NearestNeighbours::Search::leaf(std::uint32_t leaf) {
  leaf_ = leaf;
  computed_ = 0;
  const KdTree::Node& own = tree_.nodes()[leaf];
  for (std::uint32_t p = own.begin; p < own.end; ++p) {
    std::fill_n(lists_.points(p), count_, p);
    std::fill_n(lists_.distances(p), count_, std::numeric_limits<double>::infinity());
    tree_.cloud().copy_point(p, query_.data());
    meet(p, own.begin, own.size());
  }
  limit_ = std::numeric_limits<double>::infinity();
  bool coincide = true;
  for (std::uint32_t p = own.begin; coincide && p < own.end; ++p) coincide = lists_.distances(p)[count_ - 1] == 0;
  if (!coincide) visit(0, 0);
  return computed_;
}

double NearestNeighbours::Search::gap_to(std::uint32_t node) const noexcept {
  return bound_.least(tree_.lower(leaf_), tree_.upper(leaf_), tree_.lower(node), tree_.upper(node));
}

void NearestNeighbours::Search::visit(std::uint32_t node, double gap) {
  if (gap > limit_ || node == leaf_) return;
  const KdTree::Node& n = tree_.nodes()[node];
  if (n.is_leaf()) return meet_leaf(node);
  execution_.poll(1 + tree_.cloud().dimension() / 2);
  const double left = gap_to(node + 1);
  const double right = gap_to(n.right);
  // Of two that are not apart, first the one that holds the leaf.
  const bool right_first = right < left || (right == left && leaf_ >= n.right);
  if (right_first) {
    visit(n.right, right);
    visit(node + 1, left);
  } else {
    visit(node + 1, left);
    visit(n.right, right);
  }
}

void NearestNeighbours::Search::meet_leaf(std::uint32_t node) {
  const KdTree::Node& own = tree_.nodes()[leaf_];
  const KdTree::Node& other = tree_.nodes()[node];
  double farthest = 0;
  for (std::uint32_t p = own.begin; p < own.end; ++p) {
    double& last = lists_.distances(p)[count_ - 1];
    tree_.cloud().copy_point(p, query_.data());
    if (last > 0 && bound_.least(query_.data(), query_.data(), tree_.lower(node), tree_.upper(node)) <= bound_.limit(last))
      meet(p, other.begin, other.size());
    farthest = std::max(farthest, last);
  }
  // Nothing is nearer than 0: without this, points that coincide would all meet.
  limit_ = farthest > 0 ? bound_.limit(farthest) : -1;
  execution_.poll(own.size() * (1 + tree_.cloud().dimension() / 2));
}

void NearestNeighbours::Search::meet(std::uint32_t point, std::uint32_t first, std::uint32_t count) {
  std::array<double, KdTree::most_leaf_points> row;
  tree_.cloud().distances(query_.data(), first, count, row.data());
  const double& last = lists_.distances(point)[count_ - 1];
  for (std::uint32_t j = 0; j < count; ++j)
    if (row[j] < last && first + j != point) offer(point, first + j, row[j]);
  computed_ += count;
  execution_.poll(count * tree_.cloud().work_per_distance());
}

void NearestNeighbours::Search::offer(std::uint32_t point, std::uint32_t other, double distance) noexcept {
  std::uint32_t* const ids = lists_.points(point);
  double* const lengths = lists_.distances(point);
  std::uint32_t place = count_ - 1;
  for (; place > 0 && lengths[place - 1] > distance; --place) {
    lengths[place] = lengths[place - 1];
    ids[place] = ids[place - 1];
  }
  lengths[place] = distance;
  ids[place] = other;
}

}  // namespace tda::detail
