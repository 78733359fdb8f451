// SPDX-License-Identifier: Apache-2.0
#include "complex/sparse_graph.hpp"

#include <algorithm>
#include <utility>

#include "exec/parallel.hpp"

namespace tda::detail {
namespace {

/// The first place in [at, end) whose vertex is at least `vertex`, by steps that double: cheap where it is near, as in a merge.
const Neighbor* advance(const Neighbor* at, const Neighbor* end, std::uint32_t vertex) {
  std::ptrdiff_t step = 1;
  while (step < end - at && at[step].vertex < vertex) {
    at += step;
    step *= 2;
  }
  const Neighbor* const last = at + std::min(step + 1, end - at);
  return std::lower_bound(at, last, vertex, [](const Neighbor& n, std::uint32_t v) { return n.vertex < v; });
}

}  // namespace

SparseGraph::SparseGraph(const Edges& edges, const KernelTable& kernels, Execution& execution)
    : edges_(&edges),
      kernels_(&kernels),
      scan_work_(16),
      begin_(std::size_t{edges.vertex_count} + 2, 0, execution.budget()),
      neighbors_(execution.budget()) {
  const std::uint32_t count = edges.count();
  neighbors_.resize(2 * std::size_t{count});
  // begin_[v + 2] counts, then begin_[v + 1] moves from the start of v's list to its end.
  for (std::uint32_t r = 0; r < count; ++r) {
    ++begin_[edges.low[r] + 2];
    ++begin_[edges.high[r] + 2];
    if (r % 4096 == 0) execution.poll(4096);
  }
  for (std::size_t v = 2; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  for (std::uint32_t r = 0; r < count; ++r) {
    const std::uint32_t low = edges.low[r];
    const std::uint32_t high = edges.high[r];
    neighbors_[begin_[low + 1]++] = {high, r};
    neighbors_[begin_[high + 1]++] = {low, r};
    if (r % 4096 == 0) execution.poll(4096);
  }
  WorkQueue queue(edges.vertex_count, 256);
  in_parallel(execution, workers_for(execution, 16 * std::uint64_t{count}), [&](unsigned, Execution& own) {
    while (const auto part = queue.next()) {
      for (std::size_t v = part->begin; v < part->end; ++v) {
        const auto first = neighbors_.begin() + static_cast<std::ptrdiff_t>(begin_[v]);
        const auto last = neighbors_.begin() + static_cast<std::ptrdiff_t>(begin_[v + 1]);
        std::sort(first, last, [&](const Neighbor& a, const Neighbor& b) {
          own.poll(1);
          return a.vertex < b.vertex;
        });
      }
    }
  });
  scan_work_ += 4 * std::uint64_t{count} / std::max<std::uint32_t>(edges.vertex_count, 1);
}

std::uint32_t SparseGraph::edge_rank(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto list = neighbors(a);
  const auto place = std::lower_bound(list.begin(), list.end(), b, [](const Neighbor& n, std::uint32_t v) { return n.vertex < v; });
  return place != list.end() && place->vertex == b ? place->rank : UINT32_MAX;
}

bool SparseGraph::has_common_above(const std::uint32_t* vertices, unsigned count, std::uint32_t rank, std::uint32_t above) const {
  const Neighbor* at[max_simplex_size];
  const Neighbor* end[max_simplex_size];
  unsigned driver = 0;
  unsigned opened = 0;
  do {
    const auto list = neighbors(vertices[opened]);
    const Neighbor* const last = list.data() + list.size();
    end[opened] = last;
    at[opened] = std::upper_bound(list.data(), last, above, [](std::uint32_t v, const Neighbor& n) { return v < n.vertex; });
    if (end[opened] - at[opened] < end[driver] - at[driver]) driver = opened;
  } while (++opened < count);
  for (const Neighbor* candidate = at[driver]; candidate != end[driver]; ++candidate) {
    if (candidate->rank >= rank) continue;
    bool common = true;
    for (unsigned i = 0; common && i < count; ++i) {
      if (i == driver) continue;
      at[i] = advance(at[i], end[i], candidate->vertex);
      if (at[i] == end[i]) return false;
      common = at[i]->vertex == candidate->vertex && at[i]->rank < rank;
    }
    if (common) return true;
  }
  return false;
}

}  // namespace tda::detail
