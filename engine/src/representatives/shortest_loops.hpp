// SPDX-License-Identifier: Apache-2.0
//
// ShortestLoops: tight cycles of dimension 1.
//
// The loop of a bar that is born at the edge {a, b} is that edge and a shortest path from b back to a by earlier edges (E. W. Dijkstra, "A note
// on two problems in connexion with graphs", Numer. Math. 1 (1959)). Lengths are added from b on, in float64. Equal ways are told apart by
// the vertex before: the lower one. The path exists, since an edge that gives birth to a class of dimension 1 joins what is joined already.
// Cost of a loop: O((k + l) log k) for the k vertices nearer to b than the path is long, l their earlier edges; at worst O(m log n).
// Memory: 16 m + 40 n bytes.
#pragma once

#include <cstdint>
#include <span>

#include "complex/edges.hpp"
#include "exec/execution.hpp"
#include "representatives/edge_lengths.hpp"

namespace tda::detail {

struct LoopEdge {
  std::uint32_t from, to;
};

class ShortestLoops {
 public:
  /// Everything outlives the loops.
  ShortestLoops(const Edges& edges, const EdgeLengths& lengths, Execution& execution);

  /// The loop of this birth edge, which comes first, from its lower vertex. Valid until the next call.
  std::span<const LoopEdge> find(std::uint32_t birth);

 private:
  struct Neighbor {
    std::uint32_t vertex;
    std::uint32_t rank;
  };
  struct Reached {
    double distance;
    std::uint32_t vertex;
    /// Heap order: the nearest, then the lowest vertex, on top.
    bool operator<(const Reached& other) const noexcept {
      return distance != other.distance ? distance > other.distance : vertex > other.vertex;
    }
  };
  struct State {
    double distance;
    std::uint32_t before;
    std::uint32_t search;  // the number of the search that reached it
    bool is_settled;
  };

  void search(std::uint32_t from, std::uint32_t to, std::uint32_t birth);

  const Edges* edges_;
  EdgeLengths lengths_;
  Execution* execution_;
  Vector<std::uint64_t> begin_;
  /// Of each vertex in turn, by rank.
  RawVector<Neighbor> neighbors_;
  Vector<State> states_;
  std::uint32_t searches_ = 0;
  RawVector<Reached> heap_;
  RawVector<LoopEdge> loop_;
};

}  // namespace tda::detail
