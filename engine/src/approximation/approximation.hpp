// SPDX-License-Identifier: Apache-2.0
//
// Approximations that are asked for by name (docs/explanation/approximation.md).
#pragma once

#include "complex/filtered_graph.hpp"
#include "distance/input_shape.hpp"
#include "distance/matrix_view.hpp"

namespace tda::detail {

/// The errors of options.approximation: TDA_ERROR_INVALID_OPTION (unknown, or its parameter out of range), TDA_ERROR_NOT_SUPPORTED (this kind of
/// input). Value: whether there is anything to approximate; false where a subsample holds all points.
Expected<bool> is_approximated(const tda_input& input, const tda_rips_options& options);

/// Validates a matrix (matrix_validation.hpp); TDA_ERROR_NOT_SUPPORTED (row, column): a birth, with sparse Rips.
template <class Scalar>
Expected<void> validate_approximable(const MatrixView<Scalar>& matrix, const tda_rips_options& options, Execution& execution);

/// Precondition: is_approximated. Validates as build_filtered_graph does; edges unsorted; graph.accuracy is set.
/// TDA_ERROR_NOT_SUPPORTED: births with sparse Rips, or a subsample whose error has no bound.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_approximate_graph(const tda_input& input, const tda_rips_options& options, Scalar threshold,
                                                        const KernelTable& kernels, Execution& execution);

}  // namespace tda::detail
