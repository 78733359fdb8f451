// SPDX-License-Identifier: Apache-2.0
//
// The edges of the complex by rank, over the vertices that have one: what dimension 1 and above work on.
//
// Isolated vertices are components and nothing else. Without them a cloud of a million points with a few close pairs is a small graph.
#pragma once

#include <cstdint>

#include "exec/budget.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

struct Edges {
  std::uint32_t vertex_count;
  /// By rank: low[r] < high[r] < vertex_count.
  RawVector<std::uint32_t> low;
  RawVector<std::uint32_t> high;

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(low.size()); }
};

/// Renumbers the vertices 0 … vertex_count − 1 that have an edge, keeping their order. O(n + m) time, O(n) memory.
Edges compact_edges(std::uint32_t vertex_count, RawVector<std::uint32_t> low, RawVector<std::uint32_t> high, Execution& execution);

/// An upper bound of the dimension of a simplex: a q-simplex needs q + 1 vertices of degree q or more. At most
/// TDA_MAX_DIMENSION + 1. O(n + m).
unsigned clique_dimension_bound(const Edges& edges, Execution& execution);

}  // namespace tda::detail
