// SPDX-License-Identifier: Apache-2.0
#include "distance/births.hpp"

#include <algorithm>
#include <limits>

#include "distance/scalar.hpp"

namespace tda::detail {

template <class Scalar>
void settle_threshold(FilteredGraph<Scalar>& graph, Scalar requested) {
  graph.threshold = std::min(requested, graph.enclosing_radius);
  graph.truncated = graph.threshold < graph.enclosing_radius;
  // A point that is born at +inf is no part of any complex, not even of the one at threshold +inf.
  const auto missing = [&](Scalar birth) { return birth > graph.threshold || birth == infinity<Scalar>; };
  if (std::ranges::any_of(graph.births, missing)) {
    graph.absent.resize(graph.births.size());
    std::ranges::transform(graph.births, graph.absent.begin(), [&](Scalar birth) { return missing(birth) ? std::uint8_t{1} : std::uint8_t{0}; });
  }
  if (std::ranges::all_of(graph.births, [](Scalar birth) { return birth == 0; })) {
    graph.births.clear();
    graph.births.shrink_to_fit();
  }
}

template <class Scalar>
std::uint64_t present_points(const FilteredGraph<Scalar>& graph) noexcept {
  return graph.vertex_count - static_cast<std::uint64_t>(std::ranges::count(graph.absent, 1));
}

template <class Scalar>
Scalar longest_edge(Scalar threshold) noexcept {
  return std::min(threshold, std::numeric_limits<Scalar>::max());
}

template void settle_threshold<float>(FilteredGraph<float>&, float);
template void settle_threshold<double>(FilteredGraph<double>&, double);
template std::uint64_t present_points<float>(const FilteredGraph<float>&) noexcept;
template std::uint64_t present_points<double>(const FilteredGraph<double>&) noexcept;
template float longest_edge<float>(float) noexcept;
template double longest_edge<double>(double) noexcept;

}  // namespace tda::detail
