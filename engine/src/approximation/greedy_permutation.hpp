// SPDX-License-Identifier: Apache-2.0
//
// Farthest-point (greedy) permutations: each next point is the one farthest from those before it.
//
// Source: T. F. Gonzalez, Clustering to minimize the maximum intercluster distance, Theor. Comput. Sci. 38 (1985): the first k points
// cover all others within at most twice the least radius that k points can.
#pragma once

#include <cstdint>

#include "exec/budget.hpp"

namespace tda::detail {

struct GreedyPermutation {
  explicit GreedyPermutation(Budget& budget) : points(budget), radius(budget) {}

  /// In the order of choice: places of a permuted cloud, or rows of a matrix. Points at distance 0 from one that was chosen never are.
  RawVector<std::uint32_t> points;
  /// Insertion radius of each: its distance from those before it; +inf for the first. Never rises.
  RawVector<double> radius;
  /// The largest distance of a point from the chosen ones.
  double cover_radius = 0;
};

}  // namespace tda::detail
