// SPDX-License-Identifier: Apache-2.0
#include "complex/sparse_search.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

constexpr std::uint32_t no_edge = UINT32_MAX;

}  // namespace

SparseSearch::SparseSearch(const SparseGraph& graph, Execution& execution)
    : graph_(&graph),
      stamps_{Stamp{.ranks = RawVector<std::uint32_t>(execution.budget())}, Stamp{.ranks = RawVector<std::uint32_t>(execution.budget())},
              Stamp{.ranks = RawVector<std::uint32_t>(execution.budget())}, Stamp{.ranks = RawVector<std::uint32_t>(execution.budget())}} {}

bool SparseSearch::is_stamped(std::uint32_t vertex) const noexcept {
  return std::any_of(stamps_.begin(), stamps_.end(), [vertex](const Stamp& s) { return s.vertex == vertex; });
}

const std::uint32_t* SparseSearch::stamp(std::uint32_t vertex) {
  Stamp* chosen = nullptr;
  for (Stamp& s : stamps_) {
    if (s.vertex == vertex) {
      s.used = ++clock_;
      return s.ranks.data();
    }
    if (chosen == nullptr || s.used < chosen->used) chosen = &s;
  }
  if (chosen->vertex == nobody) {
    chosen->ranks.assign(graph_->edges().vertex_count, no_edge);
  } else {
    for (const Neighbor& n : graph_->neighbors(chosen->vertex)) chosen->ranks[n.vertex] = no_edge;
  }
  for (const Neighbor& n : graph_->neighbors(vertex)) chosen->ranks[n.vertex] = n.rank;
  chosen->vertex = vertex;
  chosen->used = ++clock_;
  return chosen->ranks.data();
}

std::size_t SparseSearch::cofacets(const std::uint32_t* vertices, unsigned count, std::uint32_t own_rank, std::uint32_t low,
                                   std::uint32_t high, Cofacet* out) {
  // The list that is walked: a short one of a vertex without a stamp.
  unsigned driver = 0;
  bool stamped = true;
  std::size_t length = SIZE_MAX;
  for (unsigned i = 0; i < count; ++i) {
    const bool has_stamp = is_stamped(vertices[i]);
    const std::size_t degree = graph_->neighbors(vertices[i]).size();
    if (has_stamp == stamped ? degree < length : stamped) {
      driver = i;
      stamped = has_stamp;
      length = degree;
    }
  }

  std::size_t found = 0;
  bool first = true;
  for (unsigned i = 0; i < count; ++i) {
    if (i == driver) continue;
    const std::uint32_t* const ranks = stamp(vertices[i]);
    if (first) {
      for (const Neighbor& n : graph_->neighbors(vertices[driver])) {
        const std::uint32_t edge = ranks[n.vertex];
        const bool is_driver_longer = n.rank > edge;
        const std::uint32_t longer = is_driver_longer ? n.rank : edge;
        out[found] = {n.vertex, std::max(longer, own_rank), longer > own_rank ? (is_driver_longer ? driver : i) : count};
        found += longer < high ? 1 : 0;
      }
      first = false;
      continue;
    }
    std::size_t kept = 0;
    for (std::size_t k = 0; k < found; ++k) {
      Cofacet cofacet = out[k];
      const std::uint32_t edge = ranks[cofacet.vertex];
      cofacet.row = edge > cofacet.rank ? i : cofacet.row;
      cofacet.rank = std::max(edge, cofacet.rank);
      out[kept] = cofacet;
      kept += edge < high ? 1 : 0;
    }
    found = kept;
  }
  if (low <= own_rank) return found;
  return static_cast<std::size_t>(std::remove_if(out, out + found, [low](const Cofacet& c) { return c.rank < low; }) - out);
}

}  // namespace tda::detail
