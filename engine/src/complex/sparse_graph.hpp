// SPDX-License-Identifier: Apache-2.0
//
// SparseGraph: for each vertex its neighbours in order, with the ranks of the edges. Memory: 16 m + 8 n bytes; nothing is quadratic.
// Common neighbours are found by SparseSearch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "complex/edges.hpp"
#include "complex/simplex_coder.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

struct Neighbor {
  std::uint32_t vertex;
  std::uint32_t rank;
};

class SparseGraph {
 public:
  static std::uint64_t bytes_needed(std::uint32_t vertex_count, std::uint32_t edge_count) noexcept {
    return 16 * std::uint64_t{edge_count} + 8 * (std::uint64_t{vertex_count} + 1);
  }

  /// `edges` and `kernels` outlive the graph.
  SparseGraph(const Edges& edges, const KernelTable& kernels, Execution& execution);

  const Edges& edges() const noexcept { return *edges_; }
  const KernelTable& kernels() const noexcept { return *kernels_; }

  std::span<const Neighbor> neighbors(std::uint32_t vertex) const noexcept {
    return {neighbors_.data() + begin_[vertex], neighbors_.data() + begin_[vertex + 1]};
  }

  /// See RankKernels::has_common_above.
  bool has_common_above(const std::uint32_t* vertices, unsigned count, std::uint32_t rank, std::uint32_t above) const;

  /// The rank of the edge between two vertices; UINT32_MAX: there is none. O(log degree).
  std::uint32_t edge_rank(std::uint32_t a, std::uint32_t b) const noexcept;

  /// What one call of cofacets costs, in units of Execution::poll.
  std::uint64_t scan_work() const noexcept { return scan_work_; }

 private:
  const Edges* edges_;
  const KernelTable* kernels_;
  std::uint64_t scan_work_;
  Vector<std::uint64_t> begin_;
  RawVector<Neighbor> neighbors_;
};

}  // namespace tda::detail
