// SPDX-License-Identifier: Apache-2.0
//
// The diagrams of dimension 0 and 1 of a Euclidean cloud from the edges up to a cut far below the threshold, exactly, where no class lives at the cut.
//
// Why. Let all edges longer than the cut have a non-empty lower link (no two such points are relative neighbours). With u the greatest vertex of the lower
// link of e, the triangle e ∪ u is the earliest cofacet of e, and e its latest facet: an apparent pair, of length zero. So no edge above the cut begins a bar; nor does it
// join components, since its ends are joined through u already. The pairs of the edges below the cut are those of the whole filtration if they are
// paired below the cut, as pairs of a prefix are. So if no class of dimension 1 is left at the cut, the two diagrams at the cut are the diagrams at every
// larger threshold, to the byte. If one is left, the cut was too low, and the next one is tried; where that is no longer cheap, there is none.
// The lower links and the pairs are those of the ordinary path: U. Bauer, "Ripser" (2021), and docs/explanation/engine.md. Relative neighbours: relative_neighbours.hpp.
// (The same edges, those with an empty lower link, are kept by M. Koyama, F. Memoli, V. Robins and K. Turner, "Faster computation of degree-1 persistent
// homology using the reduced Vietoris–Rips filtration", arXiv 2307.16333.)
#pragma once

#include <cstdint>
#include <optional>

#include "complex/filtered_graph.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_cloud.hpp"

namespace tda::detail {

/// Fewer points are faster with all edges.
inline constexpr std::uint32_t least_completion_points = 1024;

/// The search for a cut, over the attempts of one computation.
struct CompletionSearch {
  /// Of a cut that may suffice: no relative neighbours are farther apart. 0: not known yet.
  double relative_neighbours = 0;
  double enclosing_radius = 0;
  /// Cuts that were too low.
  unsigned failures = 0;
  /// No cut is worth while.
  bool over = false;
  /// The last attempt left a class: set by whoever computed it.
  bool failed = false;
};

/// Whether a cut can serve a computation at all.
bool may_complete_early(std::uint64_t points, const tda_rips_options& options) noexcept;

/// As build_point_graph, but with edges up to a cut where that is worth while: then `provisional` is set in the graph, and it is enough if no class of
/// dimension 1 lives at the cut. Worth while: a sample finds at least four times as many edges up to the threshold (more after a failure). The cloud may be permuted.
/// Memory: the edges up to the cut, the cloud and its tree.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_completing_graph(PointCloud& cloud, Scalar requested, CompletionSearch& search, Execution& execution);

/// The cut that a computation will probably end at, from a sample: for the estimate. Nothing: none is worth while. Builds a tree: the cloud is permuted.
template <class Scalar>
std::optional<Scalar> expected_cut(PointCloud& cloud, Scalar threshold, Execution& execution);

}  // namespace tda::detail
