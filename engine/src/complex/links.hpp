// SPDX-License-Identifier: Apache-2.0
//
// Links: the lower link of each edge, as bitsets.
//
// The lower link G_e of an edge e = {a, b} is the graph on W_e = {v : rank(a,v) < rank(e), rank(b,v) < rank(e)} whose edges are those of rank
// below rank(e). The block of e is e ∪ S for the cliques S of G_e (the empty one included), so that everything inside a
// block is bit operations and reads no distance. Edges are visited in increasing rank.
//
// DenseLinks keeps the adjacency of the edges visited so far: W_e = A[a] ∩ A[b], n²/8 bytes. SparseLinks intersects sorted lists:
// O(deg a + deg b) for W_e and O(Σ deg w) for G_e, and keeps nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "complex/dense_graph.hpp"
#include "complex/sparse_graph.hpp"

namespace tda::detail {

/// A lower link. Its vertices are numbered 0 … in their order; `members` are those that take part.
struct Link {
  std::uint32_t low, high;        // the edge
  std::uint32_t size;             // number of members
  const std::uint64_t* members;   // a bitset of `words` words
  std::size_t words;
  const std::uint64_t* rows;      // adjacency, `stride` words per vertex; only the members' rows and columns count
  std::size_t stride;
  const std::uint32_t* vertices;  // the graph's vertex of each number, ascending; null: the same

  const std::uint64_t* row(std::uint32_t v) const noexcept { return rows + v * stride; }
  std::uint32_t vertex(std::uint32_t v) const noexcept { return vertices == nullptr ? v : vertices[v]; }
};

class DenseLinks {
 public:
  DenseLinks(const DenseGraph& graph, Execution& execution);

  /// Is the link of the edge empty? Cheaper than open().
  bool is_empty(std::uint32_t rank) const {
    return !bits_->intersects(row(edges_->low[rank]), row(edges_->high[rank]), words_);
  }

  /// Computes W_e and returns its size. The ranks below have been closed, in order.
  std::uint32_t open(std::uint32_t rank);
  /// The opened link in the graph's own numbering, nothing copied. Valid until the next open().
  Link direct() const;
  /// The opened link renumbered by its members: all of them count, rows are short. O(size · n / 64).
  Link compressed();
  /// Makes the edge part of the links of later ones.
  void close(std::uint32_t rank);

 private:
  const std::uint64_t* row(std::uint32_t v) const noexcept { return adjacency_.data() + v * words_; }

  const Edges* edges_;
  const BitsetKernels* bits_;
  std::size_t words_;
  std::uint32_t rank_ = 0;
  std::uint32_t size_ = 0;
  Vector<std::uint64_t> adjacency_;
  Vector<std::uint64_t> members_;
  RawVector<std::uint64_t> short_rows_;
  RawVector<std::uint64_t> short_members_;
  RawVector<std::uint32_t> vertices_;
};

class SparseLinks {
 public:
  SparseLinks(const SparseGraph& graph, Execution& execution);

  bool is_empty(std::uint32_t rank) const;
  std::uint32_t open(std::uint32_t rank);
  Link direct() { return compressed(); }
  Link compressed();
  void close(std::uint32_t) {}

 private:
  const SparseGraph* graph_;
  Execution* execution_;
  std::uint32_t rank_ = 0;
  RawVector<std::uint32_t> vertices_;
  Vector<std::uint32_t> number_;  // of each vertex in the opened link, plus one; zero outside of compressed()
  RawVector<std::uint64_t> rows_;
  RawVector<std::uint64_t> members_;
};

}  // namespace tda::detail
