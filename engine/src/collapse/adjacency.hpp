// SPDX-License-Identifier: Apache-2.0
//
// Adjacency: for each vertex its neighbours with the times of the edges, in increasing order of time. 16 m + 4 n bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "collapse/timed_edges.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

struct TimedNeighbor {
  std::uint32_t vertex;
  std::uint32_t time;
};

class Adjacency {
 public:
  /// `number`: renumbers the vertices; null: as they are.
  Adjacency(const TimedEdges& edges, const RawVector<std::uint32_t>* number, Execution& execution);

  std::span<const TimedNeighbor> of(std::uint32_t vertex) const noexcept {
    return {neighbors_.data() + begin_[vertex], neighbors_.data() + begin_[vertex + 1]};
  }

 private:
  Vector<std::uint32_t> begin_;
  RawVector<TimedNeighbor> neighbors_;
};

/// A number for each vertex such that vertices with near numbers mostly have short edges between them: each 64 consecutive ones are a vertex and
/// the nearest of those that have no number yet. O(m) beside the adjacency.
RawVector<std::uint32_t> number_by_nearness(const TimedEdges& edges, Execution& execution);

}  // namespace tda::detail
