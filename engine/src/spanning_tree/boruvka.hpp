// SPDX-License-Identifier: Apache-2.0
//
// A minimum spanning tree of a cloud through its k-d tree: O. Borůvka's rounds (1926), in each of which components join along their shortest
// outgoing edges.
//
// Sources: W. B. March, P. Ram and A. G. Gray, Fast Euclidean minimum spanning tree, KDD 2010 (rounds on a k-d tree); A. Prokopenko, P. Sao and
// D. Lebrun-Grandié, A single-tree algorithm to compute the Euclidean minimum spanning tree on GPUs, ICPP 2022 (one walk for each point, nodes within one
// component skipped). Added here: lists of nearest neighbours serve the first rounds, so that only few points walk at all; a list, or the last walk,
// bounds all later ones of its point; and the largest component never looks for its edge, since all others join something anyway.
//
// Why any choice among equal lengths is right, and components may be left out of a round: edges are added one by one, each only if it still joins two
// components. Let F be the forest so far, T a minimum spanning tree that holds it, and e the edge chosen by A, a component at the start of
// the round. The path of T between the ends of e goes from A over components A, C1, …, Cj of the round joined by edges f1, …, fj of F, then over an edge g that is not in F.
// A chose e, so C1 chose f1; then C2 chose f2, and so on: f(i+1) leaves Ci, which chose fi, so |e| <= |f1| <= … <= |fj| <= |g|. T − g + e is a minimum spanning
// tree that holds F + e.
//
// Expected cost in low dimension: O(n log n). Memory: 12 bytes a neighbour and 48 bytes a point.
#pragma once

#include "distance/kd_tree.hpp"
#include "exec/execution.hpp"
#include "spanning_tree/nearest_neighbours.hpp"
#include "spanning_tree/tree_edge.hpp"

namespace tda::detail {

/// The n - 1 edges in no particular order; which of equally long ones may depend on the threads, of which it uses as many as pay. All leaves of
/// `neighbours` have been searched; the lists are used up.
RawVector<TreeEdge> boruvka_tree(const KdTree& tree, NearestNeighbours& neighbours, Execution& execution);

}  // namespace tda::detail
