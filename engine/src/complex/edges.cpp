// SPDX-License-Identifier: Apache-2.0
#include "complex/edges.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tda::detail {
namespace {

constexpr std::size_t poll_stride = std::size_t{1} << 15;

template <class Body>
void each(std::size_t count, Execution& execution, Body body) {
  for (std::size_t begin = 0; begin < count; begin += poll_stride) {
    const std::size_t end = std::min(count, begin + poll_stride);
    for (std::size_t i = begin; i < end; ++i) body(i);
    execution.poll(end - begin);
  }
}

}  // namespace

Edges compact_edges(std::uint32_t vertex_count, RawVector<std::uint32_t> low, RawVector<std::uint32_t> high, Execution& execution) {
  Vector<std::uint32_t> number(vertex_count, 0, execution.budget());
  each(low.size(), execution, [&](std::size_t r) { number[low[r]] = number[high[r]] = 1; });
  std::uint32_t used = 0;
  each(vertex_count, execution, [&](std::size_t v) { used += std::exchange(number[v], used); });
  if (used != vertex_count) {
    each(low.size(), execution, [&](std::size_t r) {
      low[r] = number[low[r]];
      high[r] = number[high[r]];
    });
  }
  return {.vertex_count = used, .low = std::move(low), .high = std::move(high)};
}

unsigned clique_dimension_bound(const Edges& edges, Execution& execution) {
  constexpr unsigned most = TDA_MAX_DIMENSION + 1;
  Vector<std::uint32_t> degree(edges.vertex_count, 0, execution.budget());
  each(edges.count(), execution, [&](std::size_t r) {
    ++degree[edges.low[r]];
    ++degree[edges.high[r]];
  });
  std::array<std::uint32_t, most + 1> vertices{};  // by degree, larger ones with the largest
  each(edges.vertex_count, execution, [&](std::size_t v) { ++vertices[std::min(degree[v], most)]; });
  std::uint32_t at_least = 0;
  for (unsigned q = most; q > 0; --q) {
    at_least += vertices[q];
    if (at_least > q) return q;
  }
  return 0;
}

}  // namespace tda::detail
