// SPDX-License-Identifier: Apache-2.0
#include "circular/edge_cochain.hpp"

#include <algorithm>
#include <utility>

namespace tda::detail {

EdgeCochain::EdgeCochain(std::uint32_t vertex_count, RawVector<CochainEdge> edges, Execution& execution)
    : edges_(std::move(edges)), begin_(std::size_t{vertex_count} + 2, 0, execution.budget()), steps_(execution.budget()) {
  for (const CochainEdge& e : edges_) {
    ++begin_[e.low + 2];
    ++begin_[e.high + 2];
    execution.poll(2);
  }
  for (std::size_t v = 2; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  steps_.resize(2 * edges_.size());
  for (const CochainEdge& e : edges_) {
    steps_[begin_[e.low + 1]++] = {e.high, e.value};
    steps_[begin_[e.high + 1]++] = {e.low, -e.value};
    execution.poll(4);
  }
  for (std::uint32_t v = 0; v < vertex_count; ++v) {
    std::sort(steps_.begin() + static_cast<std::ptrdiff_t>(begin_[v]), steps_.begin() + static_cast<std::ptrdiff_t>(begin_[v + 1]),
              [&](const CochainStep& a, const CochainStep& b) {
                execution.poll(1);
                return a.vertex < b.vertex;
              });
  }
}

bool EdgeCochain::is_cocycle(Execution& execution) const {
  for (const CochainEdge& e : edges_) {
    execution.poll(1);
    if (e.value == 0) continue;
    const auto from_low = steps(e.low);
    const auto from_high = steps(e.high);
    for (auto a = from_low.begin(), b = from_high.begin(); a != from_low.end() && b != from_high.end();) {
      if (a->vertex < b->vertex) {
        ++a;
      } else if (b->vertex < a->vertex) {
        ++b;
      } else {
        // Around the triangle: low → high → u → low.
        if (e.value + b->value - a->value != 0) return false;
        ++a;
        ++b;
      }
    }
    execution.poll(from_low.size() + from_high.size());
  }
  return true;
}

}  // namespace tda::detail
