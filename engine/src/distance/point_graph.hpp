// SPDX-License-Identifier: Apache-2.0
//
// From a point cloud to its edges at or below the threshold.
#pragma once

#include "complex/filtered_graph.hpp"
#include "distance/point_cloud.hpp"

namespace tda::detail {

/// Up to this many points an explicit threshold is served by all distances, too (about 10 ms); above, by a tree of the points.
inline constexpr std::uint32_t all_pairs_points = 4096;

/// Rows of distances spent on looking for the enclosing radius.
inline constexpr std::size_t radius_rows = 64;

/// TDA_ERROR_DISTANCE_OVERFLOW (row, column): two finite points whose distance, rounded to Scalar, is not finite.
/// Explicit means bool: the box that holds all points proves in most cases that there are none; else all pairs are looked at.
template <class Scalar>
Expected<void> check_distance_overflow(const PointCloud& cloud, Execution& execution);

/// The number of pairs at or below a threshold, or at least 2^32 - 1. Cost: all pairs.
template <class Scalar>
std::uint64_t count_point_edges(const PointCloud& cloud, Scalar threshold, Execution& execution);

/// Fills a graph without births: edges unsorted. `requested` = +inf: the enclosing radius. The cloud may be permuted. Where all pairs are looked at, the numbers
/// are those of the cloud as it comes.
/// Cost: all pairs (one to three times) up to all_pairs_points and where the threshold reaches the radius; else a k-d tree (kd_tree.hpp).
/// The enclosing radius is exact, but +inf where more than all_pairs_points points, a threshold below it and radius_rows rows did not tell it;
/// `truncated` is always exact: without a vertex of degree n - 1, the radius is above the threshold.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_point_graph(PointCloud& cloud, Scalar requested, VertexNumbers numbers, Execution& execution);

}  // namespace tda::detail
