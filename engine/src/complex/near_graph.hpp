// SPDX-License-Identifier: Apache-2.0
//
// NearGraph: for each vertex its neighbours, nearest first, with the ranks of the edges: what dimension 1 of a sparse graph works on.
//
// Edges come in rank order, so that one pass deals them out to the lists in their order: nothing is sorted. Whatever asks for neighbours by edges below some rank
// reads the beginning of a list, and a vertex that is near to both ends of an edge, if there is one, is mostly among the first few.
// Memory: 16 m + 8 n bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "complex/edges.hpp"
#include "complex/sparse_graph.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

class NearGraph {
 public:
  /// `edges` and `kernels` outlive the graph. Uses the computation's threads.
  NearGraph(const Edges& edges, const KernelTable& kernels, Execution& execution);

  const Edges& edges() const noexcept { return *edges_; }
  const KernelTable& kernels() const noexcept { return *kernels_; }

  /// By rank.
  std::span<const Neighbor> neighbors(std::uint32_t vertex) const noexcept {
    return {neighbors_.data() + begin_[vertex], neighbors_.data() + begin_[vertex + 1]};
  }

 private:
  const Edges* edges_;
  const KernelTable* kernels_;
  Vector<std::uint64_t> begin_;
  RawVector<Neighbor> neighbors_;
};

}  // namespace tda::detail
