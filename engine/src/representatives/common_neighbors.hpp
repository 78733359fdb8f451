// SPDX-License-Identifier: Apache-2.0
//
// All common neighbours of a simplex's vertices, ascending. (The kernels for cofacets leave some out, and not the same ones on each instruction set.)
#pragma once

#include <cstdint>

#include "complex/dense_graph.hpp"
#include "complex/sparse_graph.hpp"

namespace tda::detail {

/// Calls visit(u) for each vertex u whose edges to all of the vertices rank below `end`. O(n · count).
template <class Visit>
void each_common_neighbor(const DenseGraph& graph, const std::uint32_t* vertices, unsigned count, std::uint32_t end,
                          Execution& execution, Visit visit) {
  for (std::uint32_t u = 0; u < graph.edges().vertex_count; ++u) {
    unsigned i = 0;
    while (i < count && graph.edge_rank(vertices[i], u) < end) ++i;
    if (i == count) visit(u);
  }
  execution.poll(2 * std::uint64_t{graph.edges().vertex_count});
}

/// The same, through the shortest list: O(degree · count · log degree).
template <class Visit>
void each_common_neighbor(const SparseGraph& graph, const std::uint32_t* vertices, unsigned count, std::uint32_t end,
                          Execution& execution, Visit visit) {
  unsigned driver = 0;
  for (unsigned i = 1; i < count; ++i) {
    if (graph.neighbors(vertices[i]).size() < graph.neighbors(vertices[driver]).size()) driver = i;
  }
  for (const Neighbor& candidate : graph.neighbors(vertices[driver])) {
    if (candidate.rank >= end) continue;
    unsigned i = 0;
    while (i < count && (i == driver || graph.edge_rank(vertices[i], candidate.vertex) < end)) ++i;
    if (i == count) visit(candidate.vertex);
  }
  execution.poll(8 * graph.neighbors(vertices[driver]).size());
}

}  // namespace tda::detail
