// SPDX-License-Identifier: Apache-2.0
//
// The simplices of the bars of dimension 0: which vertex dies at which edge.
//
// The elder rule over the total order of vertices (birth, then row of the input): where an edge joins two components, the one whose first vertex is the later
// dies. Runs over the joining edges alone, which compute_components has found. O(m / 64 + n log n) time, 12 n bytes beside the output.
#pragma once

#include <cstdint>

#include "complex/filtered_graph.hpp"
#include "representatives/bar_chains.hpp"

namespace tda::detail {

/// `merging`: a bit for each rank, 1 where the edge joins two components. Fills the birth and death simplices, in the order of the diagram.
template <class Scalar>
void pair_vertices(const FilteredGraph<Scalar>& graph, const Vector<std::uint64_t>& merging, BarChains& out, Execution& execution);

extern template void pair_vertices<float>(const FilteredGraph<float>&, const Vector<std::uint64_t>&, BarChains&, Execution&);
extern template void pair_vertices<double>(const FilteredGraph<double>&, const Vector<std::uint64_t>&, BarChains&, Execution&);

/// The vertices that have an edge, ascending: the names of those of compact_edges. O(n + m).
RawVector<std::uint32_t> used_vertices(std::uint32_t vertex_count, const RawVector<std::uint32_t>& low,
                                       const RawVector<std::uint32_t>& high, Execution& execution);

}  // namespace tda::detail
