// SPDX-License-Identifier: Apache-2.0
//
// Kernels on ranks and bitsets (src/complex, src/reduction).
//
// A rank row holds, for one vertex, the rank of the edge to each vertex; the greatest value of the type where there is no edge (its own
// place included) and in the padding. Rows are padded to 64 bytes, the widest vector. A bitset is an array of 64-bit words, vertex 0 first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tda::detail {

/// A cofacet σ ∪ {vertex} of a simplex σ = {v_0 … v_k}: its longest edge is {v_row, vertex}, or that of σ itself where row = k + 1.
struct Cofacet {
  std::uint32_t vertex;
  std::uint32_t rank;
  std::uint32_t row;
};

/// The rank rows of all vertices.
struct RankMatrix {
  const void* data;
  std::size_t row_bytes;
  std::size_t columns;  // the padded length of a row, in ranks
};

/// For one width of ranks.
struct RankKernels {
  /// Writes cofacets of the simplex of `count` vertices whose rank is in [low, high), in any order, and returns their number, at most `columns`.
  /// `own_rank` is the rank of the simplex itself; own_rank < high. Left out are some, not all, of those that the reduction need not see: cofacets
  /// τ = e ∪ T (e the longest edge) with a common neighbour above max T by edges of rank below e's, that is, the earlier part of an apparent pair.
  /// O(columns · count / lanes + cofacets · count).
  std::size_t (*cofacets)(const RankMatrix& matrix, const std::uint32_t* vertices, std::size_t count, std::uint32_t own_rank,
                          std::uint32_t low, std::uint32_t high, Cofacet* out);

  /// Is there a vertex > above whose edges to all of the vertices rank below `rank`?
  bool (*has_common_above)(const RankMatrix& matrix, const std::uint32_t* vertices, std::size_t count, std::uint32_t rank,
                           std::uint32_t above);
};

struct BitsetKernels {
  /// out = a ∩ b; the number of members.
  std::size_t (*intersect)(const std::uint64_t* a, const std::uint64_t* b, std::size_t words, std::uint64_t* out);

  bool (*intersects)(const std::uint64_t* a, const std::uint64_t* b, std::size_t words);

  std::size_t (*count)(const std::uint64_t* set, std::size_t words);

  /// set = the members of exactly one of both.
  void (*flip)(std::uint64_t* set, const std::uint64_t* other, std::size_t words);

  /// The members that have no adjacent member above them, without the greatest member itself; returns their number. `rows` is the adjacency matrix, a
  /// bitset of `stride` words per vertex. `members` is not empty.
  std::size_t (*lonely_members)(const std::uint64_t* members, std::size_t words, const std::uint64_t* rows, std::size_t stride,
                                std::uint64_t* lonely);

  /// Row i of `out` (out_stride words, all of them written) is the adjacency of the i-th member, restricted to the members and
  /// renumbered by them.
  void (*compress_rows)(const std::uint64_t* members, std::size_t words, const std::uint64_t* rows, std::size_t stride,
                        std::uint64_t* out, std::size_t out_stride);
};

/// On rows of 32-bit ranks whose length is a multiple of 64: one word of the bitset for each 64 of them.
struct StarKernels {
  /// out = {i : row[i] < rank}.
  void (*below)(const std::uint32_t* row, std::size_t words, std::uint32_t rank, std::uint64_t* out);

  /// out = {i : a[i] < rank and b[i] < rank}; the number of members.
  std::size_t (*both_below)(const std::uint32_t* a, const std::uint32_t* b, std::size_t words, std::uint32_t rank, std::uint64_t* out);
};

struct GraphKernels {
  RankKernels rank16;
  RankKernels rank32;
  BitsetKernels bitset;
  StarKernels star;
};

}  // namespace tda::detail
