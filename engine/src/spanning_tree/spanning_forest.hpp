// SPDX-License-Identifier: Apache-2.0
//
// From a point cloud to the edges that dimension 0 needs: those of a minimum spanning forest at or below the threshold. Neither n² time nor n² memory in
// low dimension.
//
// Why that is enough: for every threshold, the edges of a minimum spanning tree at or below it join the same points as all edges at or below it. So every
// such tree gives the multiset of lengths at which components die, whatever is chosen among equal lengths. The tree is found for lengths in
// float64; rounding is monotone, so the edges that round to at most s are those at or below some length, and the same holds after rounding.
#pragma once

#include "complex/filtered_graph.hpp"
#include "distance/point_cloud.hpp"

namespace tda::detail {

/// Whether a computation needs no more than the forest. Birth and death simplices need the order of all edges.
inline bool needs_only_a_forest(const tda_rips_options& options) noexcept {
  return options.max_dimension == 0 && options.representatives == TDA_REPRESENTATIVES_NONE &&
         options.approximation == TDA_APPROXIMATION_NONE;
}

/// Up to this many points all distances are faster than a tree.
inline constexpr std::uint32_t spanning_by_all_pairs_points = 256;

/// As build_point_graph (distance/point_graph.hpp), but only with the edges of a spanning forest. The cloud may be permuted.
/// Cost: O(n log n) by a k-d tree while it prunes (boruvka.hpp), else n²/2 distances (prim.hpp). Memory: the cloud and about 130 bytes a point.
/// The enclosing radius is exact; +inf where the tree does not prune, the threshold is below the radius and radius_rows rows did not tell it.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_spanning_forest(PointCloud& cloud, Scalar requested, Execution& execution);

}  // namespace tda::detail
