// SPDX-License-Identifier: Apache-2.0
//
// NearLinks: which edges of a NearGraph have an empty lower link. Dimension 1 needs no more of the links.
//
// An edge {a, b} of rank r is looked at from its lower end a: the ranks of a's edges stand in an array, and b's list is walked as far as r. Where edges follow
// distances, about every second vertex near to b is also nearer to a than b is, so that a few steps are enough. Memory: 4 bytes for each vertex.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "complex/near_graph.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

class NearLinks {
 public:
  /// Links of larger dimensions are not to be had here.
  static constexpr bool tell_only_emptiness = true;

  NearLinks(const NearGraph& graph, Execution& execution)
      : graph_(&graph),
        execution_(&execution),
        ranks_(graph.edges().vertex_count, no_edge, execution.budget()),
        own_(execution.budget()) {}

  /// What each_edge takes a range of: vertices.
  static std::size_t part_count(const Edges& edges) noexcept { return edges.vertex_count; }

  /// Calls visit(rank) for each edge whose lower end is one of the vertices begin … end − 1.
  template <class Visit>
  void each_edge(std::size_t begin, std::size_t end, Visit visit) {
    for (auto center = static_cast<std::uint32_t>(begin); center < end; ++center) {
      const auto list = graph_->neighbors(center);
      own_.resize(list.size() + 1);
      std::size_t count = 0;
      for (const Neighbor& n : list) {
        ranks_[n.vertex] = n.rank;
        own_[count] = n;
        count += n.vertex > center ? 1 : 0;
      }
      execution_->poll(2 * list.size());
      for (std::size_t i = 0; i < count; ++i) {
        edge_ = own_[i];
        visit(edge_.rank);
      }
      for (const Neighbor& n : list) ranks_[n.vertex] = no_edge;
    }
  }

  /// Of the edge being visited.
  bool is_empty() const {
    const auto list = graph_->neighbors(edge_.vertex);
    const Neighbor* at = list.data();
    const Neighbor* const end = at + list.size();
    // The nearest ones without a branch for each: which of them is near to both ends cannot be foreseen.
    if (end - at >= first_look) {
      bool found = false;
      for (std::ptrdiff_t i = 0; i < first_look; ++i) found |= std::max(at[i].rank, ranks_[at[i].vertex]) < edge_.rank;
      if (found) return false;
      at += first_look;
    }
    const Neighbor* const start = at;
    while (at != end && at->rank < edge_.rank && ranks_[at->vertex] >= edge_.rank) ++at;
    execution_->poll(static_cast<std::uint64_t>(at - start));
    return at == end || at->rank >= edge_.rank;
  }

 private:
  static constexpr std::uint32_t no_edge = UINT32_MAX;
  static constexpr std::ptrdiff_t first_look = 6;

  const NearGraph* graph_;
  Execution* execution_;
  Neighbor edge_{};
  Vector<std::uint32_t> ranks_;  // of the edges of the vertex whose edges are visited
  RawVector<Neighbor> own_;      // of its neighbours, those above it
};

}  // namespace tda::detail
