// SPDX-License-Identifier: Apache-2.0
//
// Link: the lower link of an edge, as bitsets.
//
// The lower link G_e of an edge e = {a, b} is the graph on W_e = {v : rank(a,v) < rank(e), rank(b,v) < rank(e)} whose edges are those of rank
// below rank(e). The block of e is e ∪ S for the cliques S of G_e (the empty one included), so that everything inside a
// block is bit operations and reads no distance. DenseLinks and SparseLinks make the links of a graph's edges.
#pragma once

#include <cstddef>
#include <cstdint>

#include "exec/budget.hpp"

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

/// Makes `set` the bitset {0 … count − 1}.
inline void fill_members(RawVector<std::uint64_t>& set, std::uint32_t count) {
  const std::size_t words = (std::size_t{count} + 63) / 64;
  set.assign(words, ~std::uint64_t{0});
  if (count % 64 != 0) set[words - 1] = (std::uint64_t{1} << (count % 64)) - 1;
}

}  // namespace tda::detail
