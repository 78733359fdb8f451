// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "complex/filtered_graph.hpp"

namespace tda::detail {

/// From graph.births and graph.enclosing_radius: the threshold (at most the radius, where nothing dies any more), whether it truncates, and
/// the points that are born above it. Births that are all 0 are dropped.
template <class Scalar>
void settle_threshold(FilteredGraph<Scalar>& graph, Scalar requested);

/// Points that are part of the complex.
template <class Scalar>
std::uint64_t present_points(const FilteredGraph<Scalar>& graph) noexcept;

/// The largest length of an edge at a threshold: at +inf all finite distances are edges.
template <class Scalar>
Scalar longest_edge(Scalar threshold) noexcept;

}  // namespace tda::detail
