// SPDX-License-Identifier: Apache-2.0
//
// Circular coordinates of a persistent class of dimension 1.
//
// V. de Silva, D. Morozov, M. Vejdemo-Johansson, "Persistent cohomology and circular coordinates", Discrete Comput. Geom. 45 (2011): the cocycle of a bar over
// Z/p is lifted to integers of least absolute value; if that is a cocycle over Z, the real function f on the vertices that makes α − δf smallest, in the
// sum of squares over the edges, turns it into a map of the points to the circle R/Z: f mod 1. Here (δf)(ij) = f(j) − f(i) for i < j.
// The normal equations are those of the graph's Laplacian; they are solved by conjugate gradients (M. R. Hestenes, E. Stiefel, J. Res. Nat. Bur. Standards 49
// (1952)), preconditioned by the degrees. Sums are made in one order, so that the bytes are the same everywhere.
// Cost: O(c · d) for the check of the c edges of the cocycle with vertices of degree d; O(m + n) for each step of the solution, at most `most_steps`.
// Memory: 24 m + 64 n bytes beside those of the persistent cohomology.
#pragma once

#include <cstdint>
#include <vector>

#include "core/error.hpp"
#include "exec/execution.hpp"
#include "tda/tda.h"

namespace tda::detail {

struct CircularCoordinates {
  /// For each row of the input in [0, 1); NaN for points that are not in the complex at the scale.
  std::vector<double> coordinates;
  /// Everything but struct_size, peak_bytes, seconds and the array.
  tda_circular_view view;
};

/// Precondition: validate_options(options). Throws BudgetExceeded and Cancelled.
Expected<CircularCoordinates> compute_circular_coordinates(const tda_input& input, const tda_rips_options& options,
                                                           const tda_circular_options& circular, Execution& execution);

}  // namespace tda::detail
