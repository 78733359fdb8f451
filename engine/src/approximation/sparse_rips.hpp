// SPDX-License-Identifier: Apache-2.0
//
// The sparse Rips filtration: a flag filtration of linear size whose diagram is that of the Vietoris–Rips filtration up to a factor.
//
// Source: D. Sheehy, Linear-size approximations to the Vietoris–Rips filtration, DCG 2013; in the form of N. Cavanna, M. Jahanseir, D. Sheehy,
// A geometric perspective on sparse filtrations, CCCG 2015. With λ the insertion radii of a greedy permutation and 0 < ε < 1, a point's ball
// grows to the radius R = λ / ε, stays, and the point is gone from T = R / (1 − ε) on. Two points are joined when their balls first meet, if both are
// there then; the length of the edge is twice that radius: the distance itself while both balls grow.
// The interleaving of F, the flag filtration of these edges, with the Vietoris–Rips filtration V is F(t) ⊆ V(t) → F(t / (1 − ε)). The
// papers take away simplices whose vertex is gone before they come ("blockers"). That is not needed: in F at any later scale the last such
// vertex r is dominated by a point of insertion radius at least λ / (1 − ε) within that distance, whose ball has then room for the one of r, so both
// complexes collapse to the one on the points that are there (proof: docs/decisions/0031-sparse-rips-without-blockers.md).
// It takes the triangle inequality.
#pragma once

#include "approximation/greedy_permutation.hpp"
#include "complex/filtered_graph.hpp"
#include "distance/matrix_view.hpp"
#include "distance/point_cloud.hpp"

namespace tda::detail {

/// Fills a graph, edges unsorted, vertices that equal an earlier one absent. `requested` = +inf: the scale from which on the complex is
/// contractible, found as the least at which some point is joined to all that are there; it takes the place of the enclosing radius, and may be larger
/// than the least such scale.
/// Cost in low dimension: n log n for the permutation, and a search of the tree for each point within the radius in which it can have an edge: m +
/// n log n. Memory: the tree, 40 bytes a point, and the edges.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_rips(PointCloud& cloud, double epsilon, Scalar requested, Execution& execution);

/// The same of a valid matrix without births. The triangle inequality is not checked. Cost: n^2 entries.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_rips(const MatrixView<Scalar>& matrix, double epsilon, Scalar requested, Execution& execution);

}  // namespace tda::detail
