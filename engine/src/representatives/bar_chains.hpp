// SPDX-License-Identifier: Apache-2.0
//
// What a bar is made of, in the vertices of the input: its birth and death simplex and a chain or cochain.
//
// Bars are in the order of the diagram: by birth, then death; equal ones by their birth simplex in the order of the filtration. Memory:
// 4 bytes for each vertex and coefficient, 8 for each bar with a chain.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/execution.hpp"
#include "representatives/edge_lengths.hpp"
#include "tda/tda.h"

namespace tda::detail {

/// The bars of one dimension k, with vertices ascending in each simplex.
template <class Numbers, class Offsets>
struct BarChainArrays {
  /// k + 1 vertices for each bar.
  Numbers birth_simplices;
  /// k + 2 vertices for each bar; TDA_NO_VERTEX throughout for an essential one.
  Numbers death_simplices;
  /// The chain of bar i is simplices chain_offsets[i] … chain_offsets[i + 1]. Empty: there are no chains.
  Offsets chain_offsets;
  Numbers chain_simplices;
  Numbers chain_coefficients;
  /// Cycles of dimension 1: edge j of the loop leads from loop_vertices[j] to the next, and from the last of its bar to the first.
  Numbers loop_vertices;
};

/// As they are collected, on the budget.
struct BarChains : BarChainArrays<RawVector<std::uint32_t>, RawVector<std::uint64_t>> {
  using Numbers = RawVector<std::uint32_t>;
  using Offsets = RawVector<std::uint64_t>;

  explicit BarChains(Budget& budget) : BarChainArrays{Numbers(budget), Numbers(budget), Offsets(budget), Numbers(budget), Numbers(budget), Numbers(budget)} {}
};

/// As the caller gets them: the memory outlives the computation.
using ReleasedBarChains = BarChainArrays<std::vector<std::uint32_t>, std::vector<std::uint64_t>>;

/// Copies the arrays out of the budget, array by array; the copies are charged for the rest of the computation. Throws BudgetExceeded.
ReleasedBarChains release(BarChains chains, Budget& budget);

/// What is asked of a computation, and where it goes.
struct RepresentativeSet {
  tda_representatives kind;
  EdgeLengths lengths;
  /// The input's row of each vertex of the graph.
  const RawVector<std::uint32_t>& names;
  /// By dimension 0 … max_dimension.
  Vector<BarChains>& dimensions;
};

}  // namespace tda::detail
