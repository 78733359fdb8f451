// SPDX-License-Identifier: Apache-2.0
#include "representatives/vertex_pairs.hpp"

#include <algorithm>
#include <utility>

namespace tda::detail {
namespace {

struct VertexBar {
  static constexpr std::uint32_t never = UINT32_MAX;
  std::uint32_t vertex;
  std::uint32_t rank;  // of the edge; never: essential
};

}  // namespace

template <class Scalar>
void pair_vertices(const FilteredGraph<Scalar>& graph, const Vector<std::uint64_t>& merging, BarChains& out, Execution& execution) {
  Budget& budget = execution.budget();
  const std::uint32_t count = graph.vertex_count;
  const auto birth_of = [&](std::uint32_t v) { return graph.births.empty() ? Scalar{0} : graph.births[v]; };
  const auto is_elder = [&](std::uint32_t a, std::uint32_t b) {
    return birth_of(a) != birth_of(b) ? birth_of(a) < birth_of(b) : a < b;
  };
  // A root is the first vertex of its component. Without union by size the paths are kept short by halving alone: O(log n) for each step.
  RawVector<std::uint32_t> parent(budget);
  parent.resize(count);
  for (std::uint32_t v = 0; v < count; ++v) parent[v] = v;
  const auto root = [&](std::uint32_t v) {
    while (parent[v] != v) v = parent[v] = parent[parent[v]];
    return v;
  };

  Vector<VertexBar> bars(budget);
  for (std::size_t w = 0; w < merging.size(); ++w) {
    for (std::uint64_t bits = merging[w]; bits != 0; bits &= bits - 1) {
      const auto r = static_cast<std::uint32_t>(64 * w + static_cast<std::size_t>(__builtin_ctzll(bits)));
      std::uint32_t elder = root(graph.low[r]);
      std::uint32_t younger = root(graph.high[r]);
      if (is_elder(younger, elder)) std::swap(elder, younger);
      parent[younger] = elder;
      if (birth_of(younger) != graph.length[r]) bars.push_back({younger, r});
      execution.poll(4);
    }
    execution.poll(1);
  }
  for (std::uint32_t v = 0; v < count; ++v) {
    execution.poll(1);
    const bool is_absent = !graph.absent.empty() && graph.absent[v] != 0;
    if (!is_absent && parent[v] == v) bars.push_back({v, VertexBar::never});
  }
  std::sort(bars.begin(), bars.end(), [&](const VertexBar& a, const VertexBar& b) {
    execution.poll(1);
    if (birth_of(a.vertex) != birth_of(b.vertex)) return birth_of(a.vertex) < birth_of(b.vertex);
    const bool both_die = a.rank != VertexBar::never && b.rank != VertexBar::never;
    if (!both_die && a.rank != b.rank) return b.rank == VertexBar::never;
    if (both_die && graph.length[a.rank] != graph.length[b.rank]) return graph.length[a.rank] < graph.length[b.rank];
    return a.vertex < b.vertex;
  });
  out.birth_simplices.reserve(bars.size());
  out.death_simplices.reserve(2 * bars.size());
  for (const VertexBar& bar : bars) {
    const bool dies = bar.rank != VertexBar::never;
    out.birth_simplices.push_back(bar.vertex);
    out.death_simplices.push_back(dies ? graph.low[bar.rank] : TDA_NO_VERTEX);
    out.death_simplices.push_back(dies ? graph.high[bar.rank] : TDA_NO_VERTEX);
    execution.poll(1);
  }
}

template void pair_vertices<float>(const FilteredGraph<float>&, const Vector<std::uint64_t>&, BarChains&, Execution&);
template void pair_vertices<double>(const FilteredGraph<double>&, const Vector<std::uint64_t>&, BarChains&, Execution&);

RawVector<std::uint32_t> used_vertices(std::uint32_t vertex_count, const RawVector<std::uint32_t>& low,
                                       const RawVector<std::uint32_t>& high, Execution& execution) {
  Vector<std::uint8_t> is_used(vertex_count, 0, execution.budget());
  for (std::size_t r = 0; r < low.size(); ++r) {
    is_used[low[r]] = is_used[high[r]] = 1;
    execution.poll(1);
  }
  RawVector<std::uint32_t> names(execution.budget());
  for (std::uint32_t v = 0; v < vertex_count; ++v) {
    if (is_used[v] != 0) names.push_back(v);
    execution.poll(1);
  }
  return names;
}

}  // namespace tda::detail
