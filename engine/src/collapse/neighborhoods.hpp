// SPDX-License-Identifier: Apache-2.0
//
// The rows that the kernels of the edge collapse read (simd/collapse_kernels.hpp), over all vertices or over the words that are not empty.
//
// Both give the same answers: which one is used is a matter of speed and memory. DenseNeighborhoods takes 0.44 n² + 8 m bytes; SparseNeighborhoods
// 40 bytes for each word of 64 vertices among which a vertex has a neighbour, and 8 m bytes, and while it is built 16 m more. For that the vertices are
// renumbered: near ones together.
// settle() may be called from several threads at once, each with its own scratch, as long as nothing is moved or removed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "collapse/timed_edges.hpp"
#include "exec/execution.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

/// The memory behind a CollapseScratch.
class SettleScratch {
 public:
  SettleScratch(std::size_t words, Budget& budget) : sets_(budget), rows_(budget), words_(words) {
    sets_.resize(2 * words);
    rows_.resize(3 * words);
  }
  CollapseScratch view() noexcept {
    return {.members = sets_.data(),
            .candidates = sets_.data() + words_,
            .low = rows_.data(),
            .high = rows_.data() + words_,
            .other = rows_.data() + 2 * words_};
  }

 private:
  RawVector<std::uint64_t> sets_;
  RawVector<const RowWord*> rows_;
  std::size_t words_;
};

class DenseNeighborhoods {
 public:
  static std::uint64_t bytes_needed(const TimedEdges& edges) noexcept;

  /// All edges are there and unvisited. O(n²/64 + m).
  DenseNeighborhoods(const TimedEdges& edges, const KernelTable& kernels, Execution& execution);

  /// What an edge costs beside its words, in words.
  static constexpr std::uint64_t overhead = 30;

  /// What a scratch needs room for.
  std::size_t scratch_words() const noexcept { return words_; }
  CollapseAnswer settle(const CollapseQuery& query, const CollapseScratch& scratch) const {
    return kernels_->collapse.settle_dense(view(), query, scratch);
  }
  /// The edge is no neighbour by an unvisited edge any more.
  void visit(std::uint32_t low, std::uint32_t high) noexcept;
  void set_time(std::uint32_t low, std::uint32_t high, std::uint32_t time) noexcept;
  void remove(std::uint32_t low, std::uint32_t high) noexcept;

 private:
  DenseRows view() const noexcept;
  std::size_t slot(std::uint32_t v, std::uint32_t w) const noexcept;

  const KernelTable* kernels_;
  std::size_t words_;
  RawVector<std::uint64_t> now_;
  RawVector<std::uint64_t> ever_;
  RawVector<std::uint64_t> all_;
  RawVector<std::uint32_t> base_;
  RawVector<std::uint32_t> times_;
};

class SparseNeighborhoods {
 public:
  /// At the least, with what it is built from.
  static std::uint64_t bytes_needed(const TimedEdges& edges) noexcept;

  /// `number[v]`: the place of vertex v in the rows, see number_by_nearness.
  SparseNeighborhoods(const TimedEdges& edges, const RawVector<std::uint32_t>& number, const KernelTable& kernels,
                      Execution& execution);

  /// More than for dense rows: merging, and memory far apart.
  static constexpr std::uint64_t overhead = 200;

  std::size_t scratch_words() const noexcept { return longest_row_; }
  CollapseAnswer settle(const CollapseQuery& query, const CollapseScratch& scratch) const;
  void visit(std::uint32_t low, std::uint32_t high) noexcept;
  void set_time(std::uint32_t low, std::uint32_t high, std::uint32_t time) noexcept;
  void remove(std::uint32_t low, std::uint32_t high) noexcept;

 private:
  RowWord& find(std::uint32_t v, std::uint32_t w) noexcept;

  const KernelTable* kernels_;
  const RawVector<std::uint32_t>* number_;
  std::size_t longest_row_ = 0;
  RawVector<RowWord> rows_;
  RawVector<std::uint32_t> begin_;
  RawVector<std::uint32_t> times_;
};

}  // namespace tda::detail
