// SPDX-License-Identifier: Apache-2.0
//
// Kernels of the edge collapse (src/collapse): when does an edge stop being dominated?
//
// The rows of a vertex are bitsets over the vertices: `now`, itself and its neighbours by edges not visited yet; `ever`, its neighbours by edges
// not removed; `all`, its neighbours at the start of the pass, which place an edge's time in `times` (`base` counts the members of the words before).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tda::detail {

/// Each row has `words` words, a multiple of 8 (64 bytes).
struct DenseRows {
  const std::uint64_t* now;
  const std::uint64_t* ever;
  const std::uint64_t* all;
  const std::uint32_t* base;
  const std::uint32_t* times;
  std::size_t words;
};

/// Word number `word` of a vertex's rows.
struct RowWord {
  std::uint64_t now;
  std::uint64_t ever;
  std::uint64_t all;
  std::uint32_t base;
  std::uint32_t word;
};

/// The row of vertex v is rows[begin[v]] … rows[begin[v + 1]], in increasing order of `word`; what is not there is 0.
struct SparseRows {
  const RowWord* rows;
  const std::uint32_t* begin;
  const std::uint32_t* times;
};

/// Room for the words of the longest row, of each thread its own. `low`, `high` and `other` are used by sparse rows only.
struct CollapseScratch {
  std::uint64_t* members;
  std::uint64_t* candidates;
  const RowWord** low;
  const RowWord** high;
  const RowWord** other;
};

struct CollapseQuery {
  std::uint32_t low, high;  // the edge
  std::uint32_t own;        // its time: `now` holds all edges of this time or below, no others
  std::uint32_t from;       // at least `own`; the edge is dominated from `own` until here
};

struct CollapseAnswer {
  static constexpr std::uint32_t never = UINT32_MAX;

  /// The edge is dominated from `from` until here; never: without end.
  std::uint32_t time;
  /// False: it may be dominated further; to be asked again with from = time.
  bool final;
  /// Words looked at.
  std::uint64_t work;
};

/// The first time from which no vertex dominates the edge. Vertex z dominates edge {a, b} at a time when, by edges of that time or below, z is a
/// neighbour of a and of b, and so is of z each other common neighbour of theirs. Reads the rows and writes to the scratch alone.
struct CollapseKernels {
  CollapseAnswer (*settle_dense)(const DenseRows& rows, const CollapseQuery& query, const CollapseScratch& scratch);
  CollapseAnswer (*settle_sparse)(const SparseRows& rows, const CollapseQuery& query, const CollapseScratch& scratch);
};

}  // namespace tda::detail
