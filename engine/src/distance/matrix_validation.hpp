// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "distance/matrix_view.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

/// Looks for, in this order: NaN (TDA_ERROR_NOT_A_NUMBER), numbers below 0 (TDA_ERROR_NEGATIVE_DISTANCE; −0 is 0), a full matrix that differs
/// from its transpose (TDA_ERROR_ASYMMETRIC_DISTANCE), births above an edge of their point (TDA_ERROR_DIAGONAL_ABOVE_EDGE; row or column is that point).
/// Row and column are those of the first such place, row by row (births: below the diagonal).
/// Cost: one or two readings of the matrix; no memory.
template <class Scalar>
Expected<void> validate_matrix(const MatrixView<Scalar>& matrix, Execution& execution);

}  // namespace tda::detail
