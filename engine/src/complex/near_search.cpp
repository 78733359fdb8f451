// SPDX-License-Identifier: Apache-2.0
#include "complex/near_search.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

constexpr std::uint32_t no_edge = UINT32_MAX;

}  // namespace

NearSearch::NearSearch(const NearGraph& graph, Execution& execution) : graph_(&graph), stamps_(execution.budget()) {
  stamped_.fill(nobody);
  stamps_.reserve(stamp_count);
  for (std::size_t i = 0; i < stamp_count; ++i) stamps_.push_back({.ranks = RawVector<std::uint32_t>(execution.budget())});
}

bool NearSearch::is_stamped(std::uint32_t vertex) const noexcept {
  bool found = false;
  for (const std::uint32_t s : stamped_) found |= s == vertex;
  return found;
}

const std::uint32_t* NearSearch::stamp(std::uint32_t vertex, std::uint32_t limit) {
  std::size_t chosen = 0;
  for (; chosen < stamp_count && stamped_[chosen] != vertex; ++chosen) {
  }
  if (chosen == stamp_count) {
    chosen = 0;
    for (std::size_t i = 1; i < stamp_count; ++i) chosen = stamps_[i].used < stamps_[chosen].used ? i : chosen;
    Stamp& stamp = stamps_[chosen];
    if (stamped_[chosen] == nobody) {
      stamp.ranks.assign(graph_->edges().vertex_count, no_edge);
    } else {
      for (const Neighbor& n : graph_->neighbors(stamped_[chosen]).first(stamp.written)) stamp.ranks[n.vertex] = no_edge;
      work_ += stamp.written;
    }
    stamp.written = 0;
    stamped_[chosen] = vertex;
  }
  Stamp& stamp = stamps_[chosen];
  const auto list = graph_->neighbors(vertex);
  std::uint32_t written = stamp.written;
  for (; written < list.size() && list[written].rank < limit; ++written) stamp.ranks[list[written].vertex] = list[written].rank;
  work_ += written - stamp.written;
  stamp.written = written;
  stamp.used = ++clock_;
  return stamp.ranks.data();
}

std::size_t NearSearch::cofacets(const std::uint32_t* vertices, unsigned, std::uint32_t own_rank, std::uint32_t low, std::uint32_t high,
                                 Cofacet* out) {
  work_ = 0;
  const bool is_first_stamped = is_stamped(vertices[0]);
  const unsigned driver = is_first_stamped != is_stamped(vertices[1])
                              ? static_cast<unsigned>(is_first_stamped)
                              : static_cast<unsigned>(graph_->neighbors(vertices[1]).size() < graph_->neighbors(vertices[0]).size());
  const std::uint32_t* const ranks = stamp(vertices[1 - driver], high);
  const std::uint32_t from = low <= own_rank ? 0 : low;
  std::size_t found = 0;
  std::uint64_t steps = 0;
  for (const Neighbor& n : graph_->neighbors(vertices[driver])) {
    if (n.rank >= high) break;
    ++steps;
    const std::uint32_t edge = ranks[n.vertex];
    const bool is_driver_longer = n.rank > edge;
    const std::uint32_t longer = is_driver_longer ? n.rank : edge;
    out[found] = {n.vertex, std::max(longer, own_rank), longer > own_rank ? (is_driver_longer ? driver : 1 - driver) : 2};
    found += longer - from < high - from ? 1 : 0;
  }
  work_ += steps;
  return found;
}

bool NearSearch::has_common_above(const std::uint32_t* vertices, unsigned count, std::uint32_t rank, std::uint32_t above) {
  work_ = 0;
  // The list of one that has no stamp is walked.
  unsigned driver = 0;
  while (driver + 1 < count && is_stamped(vertices[driver])) ++driver;
  const std::uint32_t* ranks[2] = {};
  for (unsigned i = 0, k = 0; i < count; ++i) {
    if (i != driver) ranks[k++] = stamp(vertices[i], rank);
  }
  if (count == 2) ranks[1] = ranks[0];
  for (const Neighbor& n : graph_->neighbors(vertices[driver])) {
    if (n.rank >= rank) break;
    ++work_;
    if (n.vertex > above && ranks[0][n.vertex] < rank && ranks[1][n.vertex] < rank) return true;
  }
  return false;
}

}  // namespace tda::detail
