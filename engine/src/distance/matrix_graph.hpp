// SPDX-License-Identifier: Apache-2.0
//
// From a distance matrix to its edges at or below the threshold.
#pragma once

#include "complex/filtered_graph.hpp"
#include "distance/matrix_view.hpp"

namespace tda::detail {

/// Validates (matrix_validation.hpp) and fills a graph but for its edges: births, absent points, radius and threshold.
/// `requested` = +inf: the enclosing radius. Memory: 2 values a point.
template <class Scalar>
Expected<FilteredGraph<Scalar>> frame_matrix_graph(const MatrixView<Scalar>& matrix, Scalar requested, Execution& execution);

/// The number of edges at or below a threshold. Births play no part: no edge is shorter than the births of its points.
template <class Scalar>
std::uint64_t count_matrix_edges(const MatrixView<Scalar>& matrix, Scalar threshold, Execution& execution);

/// Validates (matrix_validation.hpp) and fills a graph; edges sorted by (high, low) only. `requested` = +inf: the enclosing radius.
/// Cost: four readings of the matrix. Memory: the edges, and 2 values a point.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_matrix_graph(const MatrixView<Scalar>& matrix, Scalar requested, Execution& execution);

}  // namespace tda::detail
