// SPDX-License-Identifier: Apache-2.0
//
// The greedy permutation of a point cloud.
#pragma once

#include "approximation/greedy_permutation.hpp"
#include "distance/kd_tree.hpp"

namespace tda::detail {

/// At most `most` points of the cloud of a tree, as places, from `start` on. Of equally far points the least row is next.
/// Each node of the tree keeps its farthest point, and a new point looks only into nodes that are nearer to it than that: in low dimensions
/// about n log n distances for all n points, in high ones at most n * most. Memory: 8 bytes a point, 16 bytes a node. Polls; columns: points chosen.
GreedyPermutation farthest_points(const KdTree& tree, std::uint32_t start, std::uint32_t most, Execution& execution);

}  // namespace tda::detail
