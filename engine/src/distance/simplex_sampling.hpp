// SPDX-License-Identifier: Apache-2.0
//
// The number of simplices of a flag complex by dimension, from a sample of its points.
//
// For a sampled point v with D neighbours, the k-simplices at v are the cliques of k vertices among them. Of at most `local_points` of the
// neighbours, taken at random, the graph is made; its cliques are counted depth first while that is cheap, else by random descents: the product of the
// numbers of choices of a descent, over k!, is an unbiased estimate of their number (D. E. Knuth, Estimating the efficiency of backtrack
// programs, Mathematics of Computation 29, 1975). The sum over all points counts each k-simplex k + 1 times.
// The random numbers have a fixed seed: the same input gives the same estimate.
#pragma once

#include <array>
#include <cstdint>

#include "distance/neighbourhood_source.hpp"
#include "exec/execution.hpp"
#include "tda/tda.h"

namespace tda::detail {

struct SimplexCounts {
  /// Expected number by dimension; above `max_dimension` 0.
  std::array<double, TDA_ESTIMATE_DIMENSIONS> count{};
  /// Expected number of points with a neighbour.
  double joined_points = 0;
  /// The part of the edges that are dominated at the threshold: they can be collapsed.
  double dominated_share = 0;
  /// Nothing was left to chance.
  bool exact = false;
};

/// `edges_known`: count[1] will not be used. Cost: rows of distances, at most 256, and fewer where 16 of them take more than about 0.1 s; and
/// at most a few ms, or a sixteenth of n^2, for the neighbourhoods. Memory: 8 bytes a point and 8 KiB.
SimplexCounts sample_simplices(NeighbourhoodSource& source, unsigned max_dimension, bool edges_known, Execution& execution);

}  // namespace tda::detail
