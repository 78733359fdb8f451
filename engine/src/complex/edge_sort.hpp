// SPDX-License-Identifier: Apache-2.0
//
// Sorts the edges of a FilteredGraph, in place, by (length, high, low).
//
// Works on 8 bytes per edge beside the graph: the leading 32 bits of the length's order within its range, and the edge's place; equal prefixes
// are settled by the full values. Expected O(m) (radix), worst case O(m log m) where many lengths differ only in their last bits. Uses
// the computation's threads; the order is a total one, so that their number does not show.
#pragma once

#include "complex/filtered_graph.hpp"

namespace tda::detail {

/// `graph.length`, `low` and `high` hold the edges in any order. Fastest where they are already in the order of (high, low), as a lower
/// distance matrix is read. Precondition: fewer than 2^32 − 1 edges, no NaN. Throws BudgetExceeded and Cancelled.
template <class Scalar>
void sort_edges(FilteredGraph<Scalar>& graph, Execution& execution);

extern template void sort_edges<float>(FilteredGraph<float>&, Execution&);
extern template void sort_edges<double>(FilteredGraph<double>&, Execution&);

}  // namespace tda::detail
