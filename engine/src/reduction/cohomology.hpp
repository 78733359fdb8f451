// SPDX-License-Identifier: Apache-2.0
//
// Persistent cohomology of the Vietoris–Rips filtration in dimension 1 and above.
#pragma once

#include <cstdint>

#include "complex/edges.hpp"
#include "core/error.hpp"
#include "exec/execution.hpp"
#include "reduction/rank_pair.hpp"
#include "representatives/bar_chains.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

struct Cohomology {
  explicit Cohomology(Budget& budget) : pairs(budget) {}

  /// pairs[d − 1]: the pairs of dimension d = 1 … max_dimension, in no particular order; those of equal length are among them.
  Vector<Vector<RankPair>> pairs;
  /// Simplices of dimension 2 … max_dimension.
  std::uint64_t simplices = 0;
};

/// `merging`: a bit for each rank, 1 where the edge joins two components. max_dimension >= 1.
/// `representatives`: where those of dimension 1 and above go, or null.
/// TDA_ERROR_INDEX_OVERFLOW, before work begins, where a simplex has no key of 128 bits. Throws BudgetExceeded and Cancelled.
Expected<Cohomology> compute_cohomology(const Edges& edges, const KernelTable& kernels, unsigned max_dimension, std::uint32_t prime,
                                        const Vector<std::uint64_t>& merging, RepresentativeSet* representatives, Execution& execution);

}  // namespace tda::detail
