// SPDX-License-Identifier: Apache-2.0
#include "complex/near_graph.hpp"

#include "exec/parallel.hpp"

namespace tda::detail {
namespace {

constexpr std::uint32_t poll_stride = 1 << 12;

/// Calls body(r) for all edges, polling on the way.
template <class Body>
void each_rank(std::uint32_t count, std::uint64_t work, Execution& execution, Body body) {
  for (std::uint32_t begin = 0; begin < count; begin += std::min(poll_stride, count - begin)) {
    const std::uint32_t end = begin + std::min(poll_stride, count - begin);
    for (std::uint32_t r = begin; r < end; ++r) body(r);
    execution.poll(work * (end - begin));
  }
}

}  // namespace

NearGraph::NearGraph(const Edges& edges, const KernelTable& kernels, Execution& execution)
    : edges_(&edges),
      kernels_(&kernels),
      begin_(std::size_t{edges.vertex_count} + 2, 0, execution.budget()),
      neighbors_(execution.budget()) {
  const std::uint32_t count = edges.count();
  neighbors_.resize(2 * std::size_t{count});
  // begin_[v + 2] counts, then begin_[v + 1] moves from the start of v's list to its end.
  each_rank(count, 2, execution, [&](std::uint32_t r) {
    ++begin_[edges.low[r] + 2];
    ++begin_[edges.high[r] + 2];
  });
  for (std::size_t v = 2; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  execution.poll(begin_.size());
  const std::uint64_t work = 8 * std::uint64_t{count};
  const unsigned workers = workers_for(execution, work);
  if (workers == 1) {
    each_rank(count, 4, execution, [&](std::uint32_t r) {
      const std::uint32_t low = edges.low[r];
      const std::uint32_t high = edges.high[r];
      neighbors_[begin_[low + 1]++] = {high, r};
      neighbors_[begin_[high + 1]++] = {low, r};
    });
    return;
  }
  // All workers read all edges; each writes the lists of its own vertices.
  WorkQueue queue(workers, 1);
  in_parallel(execution, workers, [&](unsigned, Execution& own) {
    while (const auto part = queue.next()) {
      const auto first = static_cast<std::uint32_t>(std::uint64_t{edges.vertex_count} * part->begin / workers);
      const auto size = static_cast<std::uint32_t>(std::uint64_t{edges.vertex_count} * (part->begin + 1) / workers) - first;
      each_rank(count, 4, own, [&](std::uint32_t r) {
        const std::uint32_t low = edges.low[r];
        const std::uint32_t high = edges.high[r];
        if (low - first < size) neighbors_[begin_[low + 1]++] = {high, r};
        if (high - first < size) neighbors_[begin_[high + 1]++] = {low, r};
      });
    }
  });
}

}  // namespace tda::detail
