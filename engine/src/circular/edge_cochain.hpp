// SPDX-License-Identifier: Apache-2.0
//
// EdgeCochain: the graph of a complex at one scale with an integer on each edge.
#pragma once

#include <cstdint>
#include <span>

#include "exec/execution.hpp"

namespace tda::detail {

/// An edge low < high with the value of a cochain on it.
struct CochainEdge {
  std::uint32_t low, high;
  std::int32_t value;
};

/// The value of the cochain from a vertex to a neighbour.
struct CochainStep {
  std::uint32_t vertex;
  std::int32_t value;
};

class EdgeCochain {
 public:
  /// Each edge once; the vertices are below `vertex_count`. O(m log d), 24 m + 8 n bytes.
  EdgeCochain(std::uint32_t vertex_count, RawVector<CochainEdge> edges, Execution& execution);

  std::uint32_t vertex_count() const noexcept { return static_cast<std::uint32_t>(begin_.size() - 2); }
  std::span<const CochainEdge> edges() const noexcept { return edges_; }
  /// By vertex, ascending.
  std::span<const CochainStep> steps(std::uint32_t vertex) const noexcept {
    return {steps_.data() + begin_[vertex], steps_.data() + begin_[vertex + 1]};
  }

  /// Does its coboundary vanish over the integers on all triangles of the graph? Triangles without an edge in the support need no look.
  bool is_cocycle(Execution& execution) const;

 private:
  RawVector<CochainEdge> edges_;
  Vector<std::uint64_t> begin_;
  RawVector<CochainStep> steps_;
};

}  // namespace tda::detail
