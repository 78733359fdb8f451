// SPDX-License-Identifier: Apache-2.0
//
// Persistent homology of dimension 0 by union–find.
//
// Edges in increasing rank; where one joins two components, the one that was born later dies (the elder rule). Vertices may have births of their own
// and may be absent. O(m α(n)) time, n (4 + 4) bytes and a bit for each edge.
#pragma once

#include <cstdint>

#include "complex/edges.hpp"
#include "complex/filtered_graph.hpp"
#include "diagram/diagram.hpp"

namespace tda::detail {

struct Components {
  explicit Components(Budget& budget) : merging(budget) {}

  /// A bit for each rank, 1 where the edge joins two components.
  Vector<std::uint64_t> merging;
  /// Points present.
  std::uint64_t points = 0;
};

/// Appends the bars of dimension 0 to `diagram`.
template <class Scalar>
Components compute_components(const FilteredGraph<Scalar>& graph, Diagram& diagram, Execution& execution);

/// A bit for each rank, 1 where the edge joins two components.
Vector<std::uint64_t> find_merging_edges(const Edges& edges, Execution& execution);

extern template Components compute_components<float>(const FilteredGraph<float>&, Diagram&, Execution&);
extern template Components compute_components<double>(const FilteredGraph<double>&, Diagram&, Execution&);

}  // namespace tda::detail
