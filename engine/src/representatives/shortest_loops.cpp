// SPDX-License-Identifier: Apache-2.0
#include "representatives/shortest_loops.hpp"

#include <algorithm>

namespace tda::detail {

ShortestLoops::ShortestLoops(const Edges& edges, const EdgeLengths& lengths, Execution& execution)
    : edges_(&edges),
      lengths_(lengths),
      execution_(&execution),
      begin_(std::size_t{edges.vertex_count} + 2, 0, execution.budget()),
      neighbors_(execution.budget()),
      states_(edges.vertex_count, State{}, execution.budget()),
      heap_(execution.budget()),
      loop_(execution.budget()) {
  // As in SparseGraph; the lists stay in the order of ranks.
  for (std::uint32_t r = 0; r < edges.count(); ++r) {
    ++begin_[edges.low[r] + 2];
    ++begin_[edges.high[r] + 2];
    execution.poll(2);
  }
  for (std::size_t v = 2; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  neighbors_.resize(2 * std::size_t{edges.count()});
  for (std::uint32_t r = 0; r < edges.count(); ++r) {
    neighbors_[begin_[edges.low[r] + 1]++] = {edges.high[r], r};
    neighbors_[begin_[edges.high[r] + 1]++] = {edges.low[r], r};
    execution.poll(4);
  }
}

std::span<const LoopEdge> ShortestLoops::find(std::uint32_t birth) {
  const std::uint32_t a = edges_->low[birth];
  const std::uint32_t b = edges_->high[birth];
  search(b, a, birth);
  loop_.clear();
  for (std::uint32_t v = a; v != b; v = states_[v].before) loop_.push_back({states_[v].before, v});
  loop_.push_back({a, b});
  std::reverse(loop_.begin(), loop_.end());
  execution_->poll(loop_.size());
  return loop_;
}

void ShortestLoops::search(std::uint32_t from, std::uint32_t to, std::uint32_t birth) {
  ++searches_;
  heap_.clear();
  states_[from] = {.distance = 0, .before = from, .search = searches_, .is_settled = false};
  heap_.push_back({0, from});
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end());
    const std::uint32_t u = heap_.back().vertex;
    heap_.pop_back();
    if (states_[u].is_settled) continue;
    states_[u].is_settled = true;
    if (u == to) return;
    for (std::uint64_t i = begin_[u]; i < begin_[u + 1]; ++i) {
      const Neighbor& n = neighbors_[i];
      execution_->poll(2);
      if (n.rank >= birth) break;
      const double distance = states_[u].distance + lengths_[n.rank];
      // The lists grow in length: nothing after this one leads to a shorter way.
      if (states_[to].search == searches_ && distance > states_[to].distance) break;
      State& state = states_[n.vertex];
      const bool is_new = state.search != searches_;
      if (!is_new && (state.is_settled || distance > state.distance)) continue;
      if (!is_new && distance == state.distance) {
        state.before = std::min(state.before, u);
        continue;
      }
      state = {.distance = distance, .before = u, .search = searches_, .is_settled = false};
      heap_.push_back({distance, n.vertex});
      std::push_heap(heap_.begin(), heap_.end());
    }
  }
}

}  // namespace tda::detail
