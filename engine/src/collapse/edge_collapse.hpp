// SPDX-License-Identifier: Apache-2.0
//
// Edge collapse: a smaller flag filtration with the same persistent homology in dimension 1 and above.
//
// An edge is *dominated* at a time when some vertex is joined to both its ends and to all their common neighbours. Its link is then a cone, and the complex
// of that time with or without the edge has the same homotopy type; so an edge that is dominated from its time until another may appear then
// instead, and one that is dominated without end need not appear at all. Each step is such a move in the filtration as the steps before left it, so any
// order is right; from the last edge to the first most edges go. Components need the original edges: an edge that joins two of them may move
// to a time when others join them. The births of vertices do not matter: no edge is earlier than those of its ends, and an isolated vertex has no part
// in dimension 1 and above.
// J.-D. Boissonnat, S. Pritam, "Edge collapse and persistence of flag complexes", SoCG 2020; M. Glisse, S. Pritam, "Swap, shift and trim
// to edge collapse a filtration", SoCG 2022.
#pragma once

#include <cstdint>
#include <limits>

#include "collapse/timed_edges.hpp"
#include "exec/execution.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

/// How a pass looks at neighbourhoods. The edges that are left do not depend on it.
enum class Neighborhoods { automatic, dense, sparse };

struct CollapsePlan {
  Neighborhoods neighborhoods = Neighborhoods::automatic;
  /// What a removed edge saves later, in words of bitsets looked at (about a nanosecond each). A pass ends where it brings less than it costs: the
  /// longest edges, which come first, are the cheapest ones to look at and go most often. +inf: each pass looks at all edges.
  double worth_of_edge = std::numeric_limits<double>::infinity();
};

/// Collapses the edges in passes, for as long as a pass removes a good part of them. Edges with one time keep their order. The result is the same on
/// every instruction set. Stage TDA_STAGE_COLLAPSE. Throws BudgetExceeded and Cancelled.
/// Time: a few words for each vertex of the common neighbourhoods that is looked at, about log n of them for most edges.
void collapse_edges(TimedEdges& edges, const CollapsePlan& plan, const KernelTable& kernels, Execution& execution);

/// The most bytes that collapse_edges may need for a graph of this size.
std::uint64_t collapse_bytes(std::uint32_t vertex_count, std::uint32_t edge_count) noexcept;

}  // namespace tda::detail
