// SPDX-License-Identifier: Apache-2.0
//
// The enclosing radius of a cloud, exactly, through its k-d tree.
//
// Branch and bound: a point is out as soon as one other point is at least as far from it as the best radius so far. Points found to be
// farthest from somebody are the witnesses; a whole box is out if it is far from a witness, a point mostly by looking at the last
// witness's leaf; only else is its own farthest point searched, farthest nodes first. Clouds of low dimension: a few hundred boxes where the centre is
// clear (a cube), a row of distances a point where it is not (a sphere). Worst case n². Memory: a few KiB.
#pragma once

#include "distance/kd_tree.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

/// In float64: rounding to the scalar type keeps the order. 0 for less than two points.
double enclosing_radius_by_tree(const KdTree& tree, Execution& execution);

}  // namespace tda::detail
