// SPDX-License-Identifier: Apache-2.0
//
// NearSearch: the cofacets of edges of a NearGraph.
//
// As SparseSearch, but lists and stamps are read and written only as far as the edges that are asked for: a horizon far below the longest edge reaches a
// small part of a list. Memory: 4 bytes for each vertex and stamp, when first needed. A search belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "complex/near_graph.hpp"

namespace tda::detail {

class NearSearch {
 public:
  /// To make cofacets again takes longer than to copy them.
  static constexpr bool is_slow = true;

  NearSearch(const NearGraph& graph, Execution& execution);

  /// See RankKernels::cofacets; count is 2. `out` has room for vertex_count of them.
  std::size_t cofacets(const std::uint32_t* vertices, unsigned count, std::uint32_t own_rank, std::uint32_t low, std::uint32_t high,
                       Cofacet* out);

  /// See RankKernels::has_common_above; count is 2 or 3.
  bool has_common_above(const std::uint32_t* vertices, unsigned count, std::uint32_t rank, std::uint32_t above);

  /// What the last call cost, in units of Execution::poll.
  std::uint64_t work() const noexcept { return work_; }

 private:
  static constexpr std::size_t stamp_count = 8;
  static constexpr std::uint32_t nobody = UINT32_MAX;

  struct Stamp {
    std::uint32_t used = 0;
    std::uint32_t written = 0;  // neighbours, from the nearest on
    RawVector<std::uint32_t> ranks;
  };

  bool is_stamped(std::uint32_t vertex) const noexcept;
  /// The ranks of the edges from the vertex to all others, at least those below `limit`; the greatest number where none is known.
  const std::uint32_t* stamp(std::uint32_t vertex, std::uint32_t limit);

  const NearGraph* graph_;
  std::uint32_t clock_ = 0;
  std::uint64_t work_ = 0;
  std::array<std::uint32_t, stamp_count> stamped_;
  Vector<Stamp> stamps_;
};

}  // namespace tda::detail
