// SPDX-License-Identifier: Apache-2.0
//
// DenseGraph: the rank of the edge between any two vertices, as a padded n × n matrix; lanes of 16 bits while the ranks
// fit, else of 32. Memory: n · (n rounded up) · 2 or 4 bytes. Cofacets are found by vectors over whole rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "complex/edges.hpp"
#include "complex/simplex_coder.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

class DenseGraph {
 public:
  /// Bytes that a graph of this size would take.
  static std::uint64_t bytes_needed(std::uint32_t vertex_count, std::uint32_t edge_count) noexcept;

  /// `edges` and `kernels` outlive the graph.
  DenseGraph(const Edges& edges, const KernelTable& kernels, Execution& execution);

  const Edges& edges() const noexcept { return *edges_; }
  const KernelTable& kernels() const noexcept { return *kernels_; }

  /// The kernels for the width of its ranks, and what they take.
  const RankKernels& rank_kernels() const noexcept { return *rank_kernels_; }
  RankMatrix view() const noexcept { return {.data = matrix_.data(), .row_bytes = row_bytes_, .columns = columns_}; }

  /// The rank of the edge between two vertices; UINT32_MAX: there is none.
  std::uint32_t edge_rank(std::uint32_t a, std::uint32_t b) const noexcept {
    const std::byte* const row = matrix_.data() + a * row_bytes_;
    if (row_bytes_ != columns_ * sizeof(std::uint16_t)) return reinterpret_cast<const std::uint32_t*>(row)[b];
    const std::uint16_t rank = reinterpret_cast<const std::uint16_t*>(row)[b];
    return rank == UINT16_MAX ? UINT32_MAX : rank;
  }

 private:
  template <class Rank>
  void fill(Execution& execution);

  const Edges* edges_;
  const KernelTable* kernels_;
  const RankKernels* rank_kernels_;
  std::size_t columns_;
  std::size_t row_bytes_;
  RawVector<std::byte> matrix_;
};

/// The cofacets of simplices of a DenseGraph. No memory, O(n) per call by vectors.
class DenseSearch {
 public:
  static constexpr bool is_slow = false;

  DenseSearch(const DenseGraph& graph, Execution&) noexcept : kernels_(&graph.rank_kernels()), matrix_(graph.view()) {}

  /// See RankKernels::cofacets. `out` has room for vertex_count of them.
  std::size_t cofacets(const std::uint32_t* vertices, unsigned count, std::uint32_t own_rank, std::uint32_t low, std::uint32_t high,
                       Cofacet* out) const {
    return kernels_->cofacets(matrix_, vertices, count, own_rank, low, high, out);
  }

  /// See RankKernels::has_common_above.
  bool has_common_above(const std::uint32_t* vertices, unsigned count, std::uint32_t rank, std::uint32_t above) const {
    return kernels_->has_common_above(matrix_, vertices, count, rank, above);
  }

  /// What one call of cofacets costs, in units of Execution::poll.
  std::uint64_t work() const noexcept { return matrix_.columns / 4 + 16; }

 private:
  const RankKernels* kernels_;
  RankMatrix matrix_;
};

}  // namespace tda::detail
