// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/boruvka.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <utility>

#include "distance/box_bound.hpp"
#include "exec/parallel.hpp"

namespace tda::detail {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::uint32_t mixed = UINT32_MAX;
constexpr std::uint32_t none = UINT32_MAX;

/// The first edge of each point that leaves its component, in one round.
struct Candidates {
  explicit Candidates(Budget& budget) : length(budget), to(budget) {}

  RawVector<double> length;
  RawVector<std::uint32_t> to;
};

class Boruvka {
 public:
  Boruvka(const KdTree& tree, NearestNeighbours& neighbours, Execution& execution)
      : tree_(tree),
        cloud_(tree.cloud()),
        neighbours_(neighbours),
        execution_(execution),
        component_(execution.budget()),
        size_(cloud_.count(), 1, execution.budget()),
        candidate_(execution.budget()),
        best_(execution.budget()),
        of_node_(execution.budget()),
        roots_(execution.budget()),
        edges_(execution.budget()) {
    const std::uint32_t n = cloud_.count();
    component_.resize(n);
    candidate_.length.resize(n);
    candidate_.to.resize(n);
    best_.resize(n);
    of_node_.resize(tree.nodes().size());
    roots_.resize(n);
    for (std::uint32_t p = 0; p < n; ++p) component_[p] = roots_[p] = p;
    edges_.reserve(n);
  }

  RawVector<TreeEdge> run() {
    while (roots_.size() > 1) round();
    return std::move(edges_);
  }

 private:
  class Walk;

  std::uint32_t root(std::uint32_t p) noexcept {
    while (component_[p] != p) p = component_[p] = component_[component_[p]];
    return p;
  }

  // All workers at once: each writes the entries of its own points only, and the others read them before or after, on the way to the same root.
  void flatten() {
    const auto parent = [this](std::uint32_t v) { return std::atomic_ref<std::uint32_t>(component_[v]); };
    each_part(cloud_.count(), 2, [&](std::uint32_t begin, std::uint32_t end, Execution&) {
      for (std::uint32_t p = begin; p < end; ++p) {
        std::uint32_t top = p;
        for (std::uint32_t above; (above = parent(top).load(std::memory_order_relaxed)) != top;) top = above;
        parent(p).store(top, std::memory_order_relaxed);
      }
    });
  }

  /// Calls body(begin, end, worker's execution) for parts of [0, count), each of whose elements costs `work`.
  template <class Body>
  void each_part(std::size_t count, std::uint64_t work, Body body) {
    constexpr std::size_t stride = 1024;
    WorkQueue queue(count, stride);
    in_parallel(execution_, workers_for(execution_, count * work), [&](unsigned, Execution& own) {
      while (const auto part = queue.next()) {
        body(static_cast<std::uint32_t>(part->begin), static_cast<std::uint32_t>(part->end), own);
        own.poll(work * (part->end - part->begin));
      }
    });
  }

  void round() {
    std::uint32_t largest = roots_[0];
    for (const std::uint32_t c : roots_) {
      best_[c] = none;
      if (size_[c] > size_[largest]) largest = c;
    }
    execution_.poll(roots_.size());
    flatten();
    if (!look_through_lists(largest)) walk(largest);
    join(largest);
    execution_.set_columns_done(edges_.size());
  }

  // The candidate of a point may be the best edge of both components: the shortest, and of equal ones that of the least point, in whatever order
  // the workers come. It is never one within a component.
  void offer(std::uint32_t from) noexcept {
    improve(component_[from], from);
    improve(component_[candidate_.to[from]], from);
  }

  void improve(std::uint32_t component, std::uint32_t from) noexcept {
    const std::atomic_ref<std::uint32_t> best(best_[component]);
    std::uint32_t before = best.load(std::memory_order_acquire);
    while ((before == none || is_better(from, before)) && !best.compare_exchange_weak(before, from, std::memory_order_acq_rel)) {
    }
  }

  bool is_better(std::uint32_t a, std::uint32_t b) const noexcept {
    return candidate_.length[a] < candidate_.length[b] || (candidate_.length[a] == candidate_.length[b] && a < b);
  }

  double best_length(std::uint32_t component) noexcept {
    const std::uint32_t from = std::atomic_ref<std::uint32_t>(best_[component]).load(std::memory_order_acquire);
    return from == none ? infinite : candidate_.length[from];
  }

  // True: the lists have the best edges of all but the largest component.
  bool look_through_lists(std::uint32_t largest) {
    std::atomic<bool> complete{true};
    each_part(cloud_.count(), 8, [&](std::uint32_t begin, std::uint32_t end, Execution&) {
      for (std::uint32_t p = begin; p < end; ++p) {
        if (component_[p] == largest) continue;
        const std::uint32_t place = first_foreign(p);
        if (place == neighbours_.count()) {
          complete.store(false, std::memory_order_relaxed);
          continue;
        }
        candidate_.length[p] = neighbours_.distances(p)[place];
        candidate_.to[p] = neighbours_.points(p)[place];
        offer(p);
      }
    });
    return complete.load(std::memory_order_relaxed);
  }

  std::uint32_t first_foreign(std::uint32_t p) noexcept {
    const std::uint32_t* const points = neighbours_.points(p);
    std::uint32_t place = 0;
    while (place < neighbours_.count() && component_[points[place]] == component_[p]) ++place;
    return place;
  }

  // Points whose lists are used up, and that can have a shorter edge than the best of their component, look for it. How far depends on what others have found
  // by then; the length of the best edge does not.
  void walk(std::uint32_t largest);

  bool coincide(std::uint32_t a, std::uint32_t b) const noexcept {
    for (std::size_t k = 0; k < cloud_.dimension(); ++k)
      if (cloud_.column(k)[a] != cloud_.column(k)[b]) return false;
    return true;
  }

  // For each node the component of its points, or `mixed`.
  void label_nodes() {
    const auto nodes = tree_.nodes();
    each_part(nodes.size(), 16, [&](std::uint32_t begin, std::uint32_t end, Execution&) {
      for (std::uint32_t i = begin; i < end; ++i) {
        const KdTree::Node& n = nodes[i];
        if (!n.is_leaf()) continue;
        std::uint32_t label = component_[n.begin];
        for (std::uint32_t p = n.begin + 1; p < n.end; ++p)
          if (component_[p] != label) label = mixed;
        of_node_[i] = label;
      }
    });
    for (std::size_t i = nodes.size(); i-- > 0;)
      if (!nodes[i].is_leaf()) of_node_[i] = of_node_[i + 1] == of_node_[nodes[i].right] ? of_node_[nodes[i].right] : mixed;
    execution_.poll(nodes.size());
  }

  // What others offered to the largest component need not be its shortest edge.
  void join(std::uint32_t largest) {
    for (const std::uint32_t c : roots_) {
      if (c == largest) continue;
      const std::uint32_t from = best_[c];
      execution_.poll(2);
      std::uint32_t a = root(from);
      std::uint32_t b = root(candidate_.to[from]);
      if (a == b) continue;
      edges_.push_back({candidate_.length[from], from, candidate_.to[from]});
      if (size_[a] < size_[b]) std::swap(a, b);
      component_[b] = a;
      size_[a] += size_[b];
    }
    std::erase_if(roots_, [this](std::uint32_t c) { return component_[c] != c; });
  }

  const KdTree& tree_;
  const PointCloud& cloud_;
  NearestNeighbours& neighbours_;
  Execution& execution_;
  RawVector<std::uint32_t> component_;  // parents of a union–find forest; roots while a round looks for edges
  Vector<std::uint32_t> size_;          // by root
  Candidates candidate_;                // by point; written by one worker, then offered
  RawVector<std::uint32_t> best_;       // by root: the point whose candidate is the shortest edge found that leaves the component
  RawVector<std::uint32_t> of_node_;
  RawVector<std::uint32_t> roots_;
  RawVector<TreeEdge> edges_;
};

/// The walks of one worker.
class Boruvka::Walk {
 public:
  Walk(Boruvka& boruvka, Execution& execution)
      : boruvka_(boruvka), tree_(boruvka.tree_), cloud_(boruvka.cloud_), bound_(boruvka.cloud_), execution_(execution), query_(execution.budget()) {
    query_.resize(cloud_.dimension());
  }

  /// The nearest point of another component that is nearer than `length`; else itself.
  std::uint32_t nearest_foreign(std::uint32_t point, double& length) {
    cloud_.copy_point(point, query_.data());
    own_ = boruvka_.component_[point];
    found_ = point;
    length_ = length;
    limit_ = length_ > 0 ? bound_.nearer_limit(length_) : -1;
    visit(0, 0);
    length = length_;
    return found_;
  }

 private:
  double gap_to(std::uint32_t node) const noexcept {
    return boruvka_.of_node_[node] == own_ ? infinite : bound_.least(query_.data(), query_.data(), tree_.lower(node), tree_.upper(node));
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
    for (std::uint32_t j = 0; j < leaf.size(); ++j) {
      if (row[j] < length_ && boruvka_.component_[leaf.begin + j] != own_) {
        length_ = row[j];
        found_ = leaf.begin + j;
      }
    }
    limit_ = length_ > 0 ? bound_.nearer_limit(length_) : -1;
    execution_.poll(leaf.size() * cloud_.work_per_distance());
  }

  const Boruvka& boruvka_;
  const KdTree& tree_;
  const PointCloud& cloud_;
  BoxBound bound_;
  Execution& execution_;
  // Of the point that walks.
  std::uint32_t own_ = 0;
  std::uint32_t found_ = 0;
  double length_ = 0;
  double limit_ = 0;
  RawVector<double> query_;
};

void Boruvka::walk(std::uint32_t largest) {
  label_nodes();
  const std::uint32_t last = neighbours_.count() - 1;
  each_part(cloud_.count(), 8, [&](std::uint32_t begin, std::uint32_t end, Execution& own_execution) {
    Walk walk(*this, own_execution);
    std::uint32_t walked = none;
    for (std::uint32_t p = begin; p < end; ++p) {
      const std::uint32_t own = component_[p];
      if (own == largest) continue;
      double length = best_length(own);
      if (neighbours_.distances(p)[last] >= length || first_foreign(p) <= last) continue;
      std::uint32_t& far_point = neighbours_.points(p)[last];
      double& far_length = neighbours_.distances(p)[last];
      if (walked != none && component_[walked] == own && coincide(walked, p)) {
        // It would come to the same places, however many points are as far.
        far_point = neighbours_.points(walked)[last];
        far_length = neighbours_.distances(walked)[last];
        if (far_point == walked) far_point = p;
        continue;
      }
      walked = p;
      // The new end of the list: the nearest of the others, or the point itself as far as nobody else is.
      far_point = walk.nearest_foreign(p, length);
      far_length = length;
      if (far_point == p) continue;
      candidate_.length[p] = length;
      candidate_.to[p] = far_point;
      offer(p);
    }
  });
}

}  // namespace

RawVector<TreeEdge> boruvka_tree(const KdTree& tree, NearestNeighbours& neighbours, Execution& execution) {
  return Boruvka(tree, neighbours, execution).run();
}

}  // namespace tda::detail
