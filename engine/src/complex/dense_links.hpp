// SPDX-License-Identifier: Apache-2.0
//
// DenseLinks: the lower links of a graph that is a matrix of ranks.
//
// Edges are visited in increasing rank, with one adjacency bitset for each vertex of the edges visited so far, so that W_e = A[a] ∩ A[b].
// Memory: n²/8 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "complex/dense_graph.hpp"
#include "complex/link.hpp"

namespace tda::detail {

class DenseLinks {
 public:
  /// There is more to be had of a link than whether it is empty.
  static constexpr bool tell_only_emptiness = false;

  DenseLinks(const DenseGraph& graph, Execution& execution);

  /// What each_edge takes a range of: ranks.
  static std::size_t part_count(const Edges& edges) noexcept { return edges.count(); }

  /// Calls visit(rank) for the edges of rank begin … end − 1. Ranges come in increasing order; what lies between them costs two bits for each edge. The
  /// other functions are for the edge being visited.
  template <class Visit>
  void each_edge(std::size_t begin, std::size_t end, Visit visit) {
    for (; rank_ < begin; ++rank_) add_edge();
    for (; rank_ < end; ++rank_) {
      visit(rank_);
      add_edge();
    }
  }

  /// Is the link empty? Cheaper than open().
  bool is_empty() const { return !bits_->intersects(row(edges_->low[rank_]), row(edges_->high[rank_]), words_); }
  /// Computes W_e and returns its size.
  std::uint32_t open();
  /// The opened link in the graph's own numbering, nothing copied.
  Link direct() const;
  /// The members of direct() that have no adjacent member above them, without the greatest member; null: none. O(n / 64) for most links.
  const std::uint64_t* lonely_members();
  /// The opened link renumbered by its members: all of them count, rows are short. O(size · n / 64).
  Link compressed();

 private:
  /// Makes the edge part of the links of later ones.
  void add_edge();
  const std::uint64_t* row(std::uint32_t v) const noexcept { return adjacency_.data() + v * words_; }

  const Edges* edges_;
  const BitsetKernels* bits_;
  std::size_t words_;
  std::uint32_t rank_ = 0;
  std::uint32_t size_ = 0;
  Vector<std::uint64_t> adjacency_;
  Vector<std::uint64_t> members_;
  Vector<std::uint64_t> lonely_;
  RawVector<std::uint64_t> short_rows_;
  RawVector<std::uint64_t> short_members_;
  RawVector<std::uint32_t> vertices_;
};

}  // namespace tda::detail
