// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "distance/matrix_graph.hpp"
#include "distance/scalar.hpp"

namespace tda::detail {

template <class Scalar>
void settle_births(FilteredGraph<Scalar>& graph) {
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

template void settle_births<float>(FilteredGraph<float>&);
template void settle_births<double>(FilteredGraph<double>&);

}  // namespace tda::detail
