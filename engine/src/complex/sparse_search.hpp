// SPDX-License-Identifier: Apache-2.0
//
// SparseSearch: the cofacets of simplices of a SparseGraph.
//
// The common neighbours of some vertices are the neighbours of one of them, looked up in the *stamps* of the others: an array with the rank of the edge
// to each vertex. A stamp costs twice the vertex's degree, no branch of it depends on the data, and the last few are kept: the simplices of a column
// share vertices. Memory: 4 bytes for each vertex and stamp, when first needed. A search belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "complex/sparse_graph.hpp"

namespace tda::detail {

class SparseSearch {
 public:
  static constexpr bool is_slow = false;

  SparseSearch(const SparseGraph& graph, Execution& execution);

  /// See RankKernels::cofacets. `out` has room for vertex_count of them.
  std::size_t cofacets(const std::uint32_t* vertices, unsigned count, std::uint32_t own_rank, std::uint32_t low, std::uint32_t high,
                       Cofacet* out);

  /// See RankKernels::has_common_above.
  bool has_common_above(const std::uint32_t* vertices, unsigned count, std::uint32_t rank, std::uint32_t above) const {
    return graph_->has_common_above(vertices, count, rank, above);
  }

  /// What one call of cofacets costs, in units of Execution::poll.
  std::uint64_t work() const noexcept { return graph_->scan_work(); }

 private:
  static constexpr std::size_t stamp_count = 4;
  static constexpr std::uint32_t nobody = UINT32_MAX;

  struct Stamp {
    std::uint32_t vertex = nobody;
    std::uint32_t used = 0;
    RawVector<std::uint32_t> ranks;
  };

  bool is_stamped(std::uint32_t vertex) const noexcept;
  /// The ranks of the edges from the vertex to all others; the greatest number where there is none.
  const std::uint32_t* stamp(std::uint32_t vertex);

  const SparseGraph* graph_;
  std::uint32_t clock_ = 0;
  std::array<Stamp, stamp_count> stamps_;
};

}  // namespace tda::detail
