// SPDX-License-Identifier: Apache-2.0
//
// A minimum spanning tree of a cloud by all distances: R. C. Prim, Shortest connection networks and some generalizations, Bell System Technical
// Journal 36 (1957), with the distances computed as they are needed. For few points, and for dimensions in which nothing prunes.
// n²/2 distances; memory 32 bytes a point.
#pragma once

#include "distance/point_cloud.hpp"
#include "exec/execution.hpp"
#include "spanning_tree/tree_edge.hpp"

namespace tda::detail {

/// The n - 1 edges in no particular order, points numbered as they come in. Permutes the cloud.
RawVector<TreeEdge> prim_tree(PointCloud& cloud, Execution& execution);

}  // namespace tda::detail
