// SPDX-License-Identifier: Apache-2.0
#include "collapse/adjacency.hpp"

#include <algorithm>

namespace tda::detail {

Adjacency::Adjacency(const TimedEdges& edges, const RawVector<std::uint32_t>* number, Execution& execution)
    : begin_(std::size_t{edges.vertex_count} + 2, 0, execution.budget()), neighbors_(execution.budget()) {
  constexpr std::uint32_t poll_stride = 1 << 12;
  const auto numbered = [number](std::uint32_t v) { return number == nullptr ? v : (*number)[v]; };
  neighbors_.resize(2 * std::size_t{edges.count()});
  // begin_[v + 2] counts, then begin_[v + 1] moves from the start of v's list to its end.
  for (std::uint32_t i = 0; i < edges.count(); ++i) {
    ++begin_[numbered(edges.low[i]) + 2];
    ++begin_[numbered(edges.high[i]) + 2];
    if (i % poll_stride == 0) execution.poll(poll_stride);
  }
  for (std::size_t v = 2; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  for (std::uint32_t i = 0; i < edges.count(); ++i) {
    const std::uint32_t low = numbered(edges.low[i]);
    const std::uint32_t high = numbered(edges.high[i]);
    neighbors_[begin_[low + 1]++] = {high, edges.time[i]};
    neighbors_[begin_[high + 1]++] = {low, edges.time[i]};
    if (i % poll_stride == 0) execution.poll(4 * poll_stride);
  }
}

RawVector<std::uint32_t> number_by_nearness(const TimedEdges& edges, Execution& execution) {
  constexpr std::uint32_t none = UINT32_MAX;
  constexpr std::uint32_t word = 64;
  const Adjacency adjacency(edges, nullptr, execution);
  RawVector<std::uint32_t> number(execution.budget());
  number.assign(edges.vertex_count, none);
  // By number. Each word is filled breadth first from its first vertex, nearest neighbours first.
  RawVector<std::uint32_t> order(execution.budget());
  order.reserve(edges.vertex_count);
  const auto take = [&](std::uint32_t v) {
    number[v] = static_cast<std::uint32_t>(order.size());
    order.push_back(v);
  };
  const auto is_full = [&] { return order.size() % word == 0; };
  // The first vertex of a word is one that is next to the words before; else any.
  std::size_t next_to = 0;
  std::uint32_t any = 0;
  while (order.size() < edges.vertex_count) {
    std::uint32_t seed = none;
    while (next_to < order.size()) {
      const auto near = adjacency.of(order[next_to]);
      execution.poll(near.size() + 1);
      const auto found = std::ranges::find_if(near, [&](const TimedNeighbor& n) { return number[n.vertex] == none; });
      if (found != near.end()) {
        seed = found->vertex;
        break;
      }
      ++next_to;
    }
    for (; seed == none; ++any) {
      if (number[any] == none) seed = any;
    }
    std::size_t from = order.size();
    take(seed);
    for (; from < order.size() && !is_full(); ++from) {
      for (const TimedNeighbor& n : adjacency.of(order[from])) {
        if (number[n.vertex] == none) take(n.vertex);
        if (is_full()) break;
      }
      execution.poll(word);
    }
  }
  return number;
}

}  // namespace tda::detail
