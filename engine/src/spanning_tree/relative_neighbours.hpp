// SPDX-License-Identifier: Apache-2.0
//
// A bound of the longest edge of the relative neighbourhood graph of a Euclidean cloud, through its k-d tree, without all pairs.
//
// Two points are relative neighbours if no third one is nearer to both (G. T. Toussaint, The relative neighbourhood graph of a finite planar set, Pattern
// Recognition 12, 1980). For the Vietoris–Rips filtration these are the edges without a triangle in their own block (docs/explanation/engine.md).
//
// From each point a the tree is walked, near nodes first. A point u excludes every b that is nearer to u than to a and farther from a than u is: a
// half-space, for a box a linear function at one corner. Points that nobody excludes become excluders; any two of them are at least 60 degrees apart as
// seen from a, so they are few. Those that are left and longer than the bound so far get a search for a point in their lune.
// Exclusion keeps a margin of 2^-18 in squares, more than the rounding of lengths to float32: what is excluded has an edge of strictly smaller rounded
// length to both ends. So the bound holds for rounded lengths and their ties, and is at most longer than necessary.
// Expected cost in low dimension: O(log n) boxes and a few leaves a point. Worst case n²; `work_limit` stops it. Memory: a few KiB.
#pragma once

#include <cstdint>
#include <optional>

#include "distance/kd_tree.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

/// No pair whose computed distance is larger is a pair of relative neighbours, of those with an end among every `stride`-th point. Nothing: not a Euclidean
/// cloud of usual numbers in few coordinates, or more than `work_limit` boxes and points would be looked at.
std::optional<double> bound_relative_neighbours(const KdTree& tree, std::uint32_t stride, std::uint64_t work_limit, Execution& execution);

}  // namespace tda::detail
