// SPDX-License-Identifier: Apache-2.0
//
// Links: the lower link of each edge, as bitsets.
//
// The lower link G_e of an edge e = {a, b} is the graph on W_e = {v : rank(a,v) < rank(e), rank(b,v) < rank(e)} whose edges are those of rank
// below rank(e). The block of e is e ∪ S for the cliques S of G_e (the empty one included), so that everything inside a
// block is bit operations and reads no distance.
//
// DenseLinks visits the edges in increasing rank and keeps the adjacency of those visited so far: W_e = A[a] ∩ A[b], n²/8 bytes. SparseLinks
// visits them vertex by vertex, marks the neighbours of a once and looks through those of b: O(deg b) for W_e and O(Σ deg w) for G_e, n words.
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

  /// Calls visit(rank) once for each edge. The other functions are for the edge being visited.
  template <class Visit>
  void each_edge(Visit visit) {
    for (rank_ = 0; rank_ < edges_->count(); ++rank_) {
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

class SparseLinks {
 public:
  SparseLinks(const SparseGraph& graph, Execution& execution);

  template <class Visit>
  void each_edge(Visit visit) {
    for (low_ = 0; low_ < graph_->edges().vertex_count; ++low_) {
      mark_neighbors();
      for (const Neighbor& n : graph_->neighbors(low_)) {
        if (n.vertex < low_) continue;
        high_ = n.vertex;
        rank_ = n.rank;
        visit(rank_);
      }
      unmark_neighbors();
    }
  }

  bool is_empty() const;
  std::uint32_t open();
  Link direct() { return compressed(); }
  /// As for DenseLinks. Looks at the neighbours of the greatest members until everybody has met one.
  const std::uint64_t* lonely_members();
  Link compressed();

 private:
  /// Of each vertex: the rank of its edge to low_, plus one, while low_'s edges are visited, 0 where there is none; and its number in
  /// the opened link, plus one, 0 between calls.
  struct Mark {
    std::uint32_t rank;
    std::uint32_t number;
  };

  template <class Visit>
  void each_member(Visit visit) const;
  void mark_neighbors();
  void unmark_neighbors();

  const SparseGraph* graph_;
  Execution* execution_;
  std::uint32_t low_ = 0;
  std::uint32_t high_ = 0;
  std::uint32_t rank_ = 0;
  RawVector<std::uint32_t> vertices_;
  Vector<Mark> marks_;
  RawVector<std::uint64_t> rows_;
  RawVector<std::uint64_t> members_;
  RawVector<std::uint64_t> lonely_;
};

}  // namespace tda::detail
