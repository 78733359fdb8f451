// SPDX-License-Identifier: Apache-2.0
//
// From the entries of a sparse input to its edges at or below the threshold.
#pragma once

#include "complex/filtered_graph.hpp"

namespace tda::detail {

/// Validates and fills a graph; edges sorted by (high, low). `requested` = +inf: the enclosing radius, or +inf where no point
/// has an edge to each other.
/// Places in errors are numbers of entries: `row` of the wrong one (TDA_ERROR_INDEX_OUT_OF_RANGE, TDA_ERROR_NOT_A_NUMBER,
/// TDA_ERROR_NEGATIVE_DISTANCE); of the later of two, `column` of the first (TDA_ERROR_CONFLICTING_ENTRIES); of the edge, `column` of
/// the birth (TDA_ERROR_DIAGONAL_ABOVE_EDGE). Cost: m log m. Memory: 16 bytes an entry while sorting.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_graph(const tda_input& input, Scalar requested, Execution& execution);

}  // namespace tda::detail
