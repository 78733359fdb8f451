// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/boruvka.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "distance/box_bound.hpp"

namespace tda::detail {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::uint32_t mixed = UINT32_MAX;
constexpr std::uint32_t none = UINT32_MAX;

class Boruvka {
 public:
  Boruvka(const KdTree& tree, NearestNeighbours& neighbours, Execution& execution)
      : tree_(tree),
        cloud_(tree.cloud()),
        bound_(tree.cloud()),
        neighbours_(neighbours),
        execution_(execution),
        component_(execution.budget()),
        size_(cloud_.count(), 1, execution.budget()),
        best_(execution.budget()),
        of_node_(execution.budget()),
        roots_(execution.budget()),
        edges_(execution.budget()),
        query_(execution.budget()) {
    const std::uint32_t n = cloud_.count();
    component_.resize(n);
    best_.resize(n);
    of_node_.resize(tree.nodes().size());
    roots_.resize(n);
    for (std::uint32_t p = 0; p < n; ++p) component_[p] = roots_[p] = p;
    edges_.reserve(n);
    query_.resize(cloud_.dimension());
  }

  RawVector<TreeEdge> run() {
    while (roots_.size() > 1) round();
    return std::move(edges_);
  }

 private:

  std::uint32_t root(std::uint32_t p) noexcept {
    while (component_[p] != p) p = component_[p] = component_[component_[p]];
    return p;
  }

  void round() {
    std::uint32_t largest = roots_[0];
    for (const std::uint32_t c : roots_) {
      best_[c] = {infinite, c, c};
      if (size_[c] > size_[largest]) largest = c;
    }
    execution_.poll(roots_.size());
    const bool complete = look_through_lists(largest);
    if (!complete) walk(largest);
    join(largest);
    execution_.set_columns_done(edges_.size());
  }

  // Shortens the best edges of both components. An edge is never offered within one.
  void offer(std::uint32_t from, std::uint32_t to, double length) noexcept {
    TreeEdge& own = best_[component_[from]];
    if (length < own.length) own = {length, from, to};
    TreeEdge& other = best_[component_[to]];
    if (length < other.length) other = {length, from, to};
  }

  // Flattens the components. True: the lists have the best edges of all but the largest component.
  bool look_through_lists(std::uint32_t largest) {
    const std::uint32_t n = cloud_.count();
    for (std::uint32_t p = 0; p < n; ++p) component_[p] = root(p);
    execution_.poll(n);
    bool complete = true;
    for (std::uint32_t p = 0; p < n; ++p) {
      if (component_[p] == largest) continue;
      const std::uint32_t place = first_foreign(p);
      if (place == neighbours_.count()) {
        complete = false;
      } else {
        offer(p, neighbours_.points(p)[place], neighbours_.distances(p)[place]);
      }
      if (p % 1024 == 0) execution_.poll(4096);
    }
    return complete;
  }

  std::uint32_t first_foreign(std::uint32_t p) noexcept {
    const std::uint32_t* const points = neighbours_.points(p);
    std::uint32_t place = 0;
    while (place < neighbours_.count() && component_[points[place]] == component_[p]) ++place;
    return place;
  }

  // Points whose lists are used up, and that can have a shorter edge than the best of their component, look for it.
  void walk(std::uint32_t largest) {
    label_nodes();
    const std::uint32_t last = neighbours_.count() - 1;
    std::uint32_t walked = none;
    for (std::uint32_t p = 0; p < cloud_.count(); ++p) {
      const std::uint32_t own = component_[p];
      if (p % 1024 == 0) execution_.poll(4096);
      if (own == largest || neighbours_.distances(p)[last] >= best_[own].length || first_foreign(p) <= last) continue;
      if (walked != none && component_[walked] == own && coincide(walked, p)) {
        // It would come to the same places, however many points are as far.
        neighbours_.points(p)[last] = neighbours_.points(walked)[last];
        neighbours_.distances(p)[last] = neighbours_.distances(walked)[last];
        if (neighbours_.points(p)[last] == walked) neighbours_.points(p)[last] = p;
        continue;
      }
      walked = p;
      cloud_.copy_point(p, query_.data());
      own_ = own;
      found_ = {best_[own].length, p, p};
      limit_ = found_.length > 0 ? bound_.nearer_limit(found_.length) : -1;
      visit(0, 0);
      // The new end of the list: the nearest of the others, or the point itself as far as nobody else is.
      neighbours_.points(p)[last] = found_.to;
      neighbours_.distances(p)[last] = found_.length;
      if (found_.to != p) offer(p, found_.to, found_.length);
    }
  }

  bool coincide(std::uint32_t a, std::uint32_t b) const noexcept {
    for (std::size_t k = 0; k < cloud_.dimension(); ++k)
      if (cloud_.column(k)[a] != cloud_.column(k)[b]) return false;
    return true;
  }

  // For each node the component of its points, or `mixed`.
  void label_nodes() {
    const auto nodes = tree_.nodes();
    for (std::size_t i = nodes.size(); i-- > 0;) {
      const KdTree::Node& n = nodes[i];
      std::uint32_t label = component_[n.begin];
      if (n.is_leaf()) {
        for (std::uint32_t p = n.begin + 1; p < n.end; ++p)
          if (component_[p] != label) label = mixed;
        execution_.poll(n.size());
      } else {
        label = of_node_[i + 1] == of_node_[n.right] ? of_node_[n.right] : mixed;
      }
      of_node_[i] = label;
    }
  }

  double gap_to(std::uint32_t node) const noexcept {
    return of_node_[node] == own_ ? infinite : bound_.least(query_.data(), query_.data(), tree_.lower(node), tree_.upper(node));
  }

  void visit(std::uint32_t node, double gap) {
    if (gap > limit_ || gap == infinite) return;
    const KdTree::Node& n = tree_.nodes()[node];
    if (n.is_leaf()) return look_into(n);
    execution_.poll(1 + cloud_.dimension() / 2);
    const double left = gap_to(node + 1);
    const double right = gap_to(n.right);
    if (right < left) {
      visit(n.right, right);
      visit(node + 1, left);
    } else {
      visit(node + 1, left);
      visit(n.right, right);
    }
  }

  void look_into(const KdTree::Node& leaf) {
    std::array<double, KdTree::most_leaf_points> row;
    cloud_.distances(query_.data(), leaf.begin, leaf.size(), row.data());
    for (std::uint32_t j = 0; j < leaf.size(); ++j)
      if (row[j] < found_.length && component_[leaf.begin + j] != own_) found_ = {row[j], found_.from, leaf.begin + j};
    limit_ = found_.length > 0 ? bound_.nearer_limit(found_.length) : -1;
    execution_.poll(leaf.size() * cloud_.work_per_distance());
  }

  // What others offered to the largest component need not be its shortest edge.
  void join(std::uint32_t largest) {
    for (const std::uint32_t c : roots_) {
      if (c == largest) continue;
      const TreeEdge& edge = best_[c];
      execution_.poll(2);
      std::uint32_t a = root(edge.from);
      std::uint32_t b = root(edge.to);
      if (a == b) continue;
      edges_.push_back(edge);
      if (size_[a] < size_[b]) std::swap(a, b);
      component_[b] = a;
      size_[a] += size_[b];
    }
    std::erase_if(roots_, [this](std::uint32_t c) { return component_[c] != c; });
  }

  const KdTree& tree_;
  const PointCloud& cloud_;
  BoxBound bound_;
  NearestNeighbours& neighbours_;
  Execution& execution_;
  RawVector<std::uint32_t> component_;  // parents of a union–find forest; roots while a round looks for edges
  Vector<std::uint32_t> size_;          // by root
  RawVector<TreeEdge> best_;            // by root: the shortest edge found that leaves the component
  RawVector<std::uint32_t> of_node_;
  RawVector<std::uint32_t> roots_;
  RawVector<TreeEdge> edges_;
  // Of the point that walks.
  std::uint32_t own_ = 0;
  TreeEdge found_{};
  double limit_ = 0;
  RawVector<double> query_;
};

}  // namespace

RawVector<TreeEdge> boruvka_tree(const KdTree& tree, NearestNeighbours& neighbours, Execution& execution) {
  return Boruvka(tree, neighbours, execution).run();
}

}  // namespace tda::detail
