// SPDX-License-Identifier: Apache-2.0
//
// What a computation of known size costs. All constants of the estimate are in cost_model.cpp, each with its measurement.
#pragma once

#include <array>
#include <cstdint>

#include "tda/tda.h"

namespace tda::detail {

/// Which edges could be collapsed.
enum class Dominated { none, some, nearly_all };

struct ProblemSize {
  double input_bytes = 0;
  double scalar_bytes = 8;
  double points = 0;
  /// Points that have an edge.
  double joined_points = 0;
  /// 0 for distances.
  double coordinates = 0;
  /// Units of PointCloud::work_per_distance; 0 for distances.
  double work_per_distance = 0;
  /// All pairs are computed; else a tree of the points, or given edges.
  bool all_pairs = true;
  /// Only the edges of a spanning forest of the points are looked for.
  bool spanning_forest = false;
  /// The edges are those up to a cut at which the diagrams are complete, which is searched first.
  bool completion = false;
  /// The threshold is below the enclosing radius: fewer columns end early.
  bool truncated = false;
  /// Of edges well below an enclosing radius that is the threshold, from dimension 2 on.
  Dominated dominated = Dominated::some;
  /// Many classes would be annotated.
  bool annotates = false;
  /// Edge collapse is expected to leave little.
  bool collapses = false;
  std::uint32_t max_dimension = 1;
  std::array<double, TDA_ESTIMATE_DIMENSIONS> simplices{};
};

/// Expected peak of engine-counted bytes, the input's among them.
double expected_bytes(const ProblemSize& size) noexcept;

/// Expected seconds on one thread of a current server core.
double expected_seconds(const ProblemSize& size) noexcept;

}  // namespace tda::detail
