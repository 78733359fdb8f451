// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "features/feature_values.hpp"
#include "tda/features.h"

namespace tda::detail {

/// Delay vectors of a series of numbers or vectors (F. Takens, Detecting strange attractors in turbulence, Lect. Notes Math. 898 (1981)). Numbers are copied, never computed.
/// TDA_ERROR_INVALID_OPTION: a dimension, delay or skip of 0, or no column; TDA_ERROR_NOT_A_NUMBER (row, column). O(values given and made).
Expected<void> takens_embedding(const tda_feature& feature, FeatureValues& out, Execution& execution);

/// TDA_ERROR_NOT_A_NUMBER (row, column): a number that is not finite.
Expected<void> check_finite(const double* values, std::uint64_t rows, std::uint64_t columns, std::uint64_t row_offset, Execution& execution);

}  // namespace tda::detail
