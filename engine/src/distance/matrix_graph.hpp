// SPDX-License-Identifier: Apache-2.0
//
// From distance matrices, dense or sparse, to their edges at or below the threshold.
#pragma once

#include "complex/filtered_graph.hpp"
#include "distance/matrix_view.hpp"

namespace tda::detail {

/// Validates (matrix_validation.hpp) and fills a graph; edges sorted by (high, low) only. `requested` = +inf: the enclosing radius.
/// Cost: four readings of the matrix. Memory: the edges, and 2 values a point.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_matrix_graph(const MatrixView<Scalar>& matrix, Scalar requested, Execution& execution);

/// The same for the entries of a sparse input. Places in errors are numbers of entries: `row` of the wrong one
/// (TDA_ERROR_INDEX_OUT_OF_RANGE, TDA_ERROR_NOT_A_NUMBER, TDA_ERROR_NEGATIVE_DISTANCE); of the later of two, `column` of the first
/// (TDA_ERROR_CONFLICTING_ENTRIES); of the edge, `column` of the birth (TDA_ERROR_DIAGONAL_ABOVE_EDGE).
/// Cost: m log m. Memory: 16 bytes an entry while sorting.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_graph(const tda_input& input, Scalar requested, Execution& execution);

/// Marks the vertices whose birth is above graph.threshold as absent, and drops the births where all are 0.
template <class Scalar>
void settle_births(FilteredGraph<Scalar>& graph);

}  // namespace tda::detail
