// SPDX-License-Identifier: Apache-2.0
//
// SparseLinks: the lower links of a graph that is lists of neighbours.
//
// Edges are visited vertex by vertex, each at its end of smaller degree. The *star* of that vertex a is the dense rank matrix on its neighbours, whose rows are
// made when they are first needed: O(deg v) for the row of v. Then W_e and the adjacency within it are comparisons of vectors along rows, as
// in a dense graph of deg a vertices, and no list is merged. A row serves all edges of the star.
// Memory: 4 bytes for each vertex, and rows of 4 · deg a bytes up to 16 MiB (or a few rows, where those are longer).
#pragma once

#include <cstddef>
#include <cstdint>

#include "complex/link.hpp"
#include "complex/sparse_graph.hpp"

namespace tda::detail {

class SparseLinks {
 public:
  /// There is more to be had of a link than whether it is empty.
  static constexpr bool tell_only_emptiness = false;

  SparseLinks(const SparseGraph& graph, Execution& execution);

  /// What each_edge takes a range of: vertices.
  static std::size_t part_count(const Edges& edges) noexcept { return edges.vertex_count; }

  /// Calls visit(rank) for each edge that belongs to one of the vertices begin … end − 1; each edge belongs to one. The other functions are for the edge
  /// being visited.
  template <class Visit>
  void each_edge(std::size_t begin, std::size_t end, Visit visit) {
    for (center_ = static_cast<std::uint32_t>(begin); center_ < end; ++center_) {
      const auto list = graph_->neighbors(center_);
      bool entered = false;
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (!belongs_to_center(list[i].vertex, list.size())) continue;
        if (!entered) enter();
        entered = true;
        other_ = static_cast<std::uint32_t>(i);
        rank_ = list[i].rank;
        visit(rank_);
      }
      if (entered) leave();
    }
  }

  /// Is the link empty? Cheaper than open().
  bool is_empty() const;
  /// Computes W_e and returns its size.
  std::uint32_t open();
  /// The members that have no adjacent member above them, without the greatest member; null: none. Numbers are those of direct().
  const std::uint64_t* lonely_members();
  /// The opened link in the numbering of the star.
  Link direct();
  /// The opened link, renumbered by its members where that makes its rows shorter.
  Link compressed();

 private:
  bool belongs_to_center(std::uint32_t vertex, std::size_t degree) const noexcept {
    const std::size_t other = graph_->neighbors(vertex).size();
    return degree < other || (degree == other && center_ < vertex);
  }
  void enter();
  void leave() noexcept;
  /// The ranks of the edges between the i-th neighbour and each neighbour. Valid until the next call.
  const std::uint32_t* row(std::uint32_t i);
  /// Fills the members' rows of adjacency_.
  void read_adjacency();

  const SparseGraph* graph_;
  Execution* execution_;
  const StarKernels* star_;
  const BitsetKernels* bits_;
  std::uint32_t center_ = 0;
  std::uint32_t other_ = 0;
  std::uint32_t rank_ = 0;
  std::uint32_t size_ = 0;

  std::size_t words_ = 0;   // of a bitset of the star
  std::size_t stride_ = 0;  // of a row
  Vector<std::uint32_t> number_;          // of each vertex: its place in the star, plus one; 0 outside
  RawVector<std::uint32_t> vertices_;     // of the star
  RawVector<std::uint32_t> center_row_;
  RawVector<std::uint32_t> rows_;
  RawVector<std::uint32_t> row_place_;    // of each neighbour's row in rows_, or none
  std::size_t row_capacity_ = 0;
  std::size_t row_count_ = 0;
  RawVector<std::uint64_t> members_;
  RawVector<std::uint64_t> lonely_;
  RawVector<std::uint64_t> below_;
  RawVector<std::uint64_t> adjacency_;
  RawVector<std::uint64_t> short_members_;
  RawVector<std::uint64_t> short_rows_;
  RawVector<std::uint32_t> short_vertices_;
};

}  // namespace tda::detail
