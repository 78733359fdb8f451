// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "features/feature_values.hpp"
#include "simd/kernel_table.hpp"
#include "tda/features.h"

namespace tda::detail {

/// The cover radius and the rows of a farthest-point sample that begins with the first row, by approximation/farthest_points.hpp.
/// TDA_ERROR_INVALID_OPTION: no point asked for; the errors of read_points; TDA_ERROR_DISTANCE_OVERFLOW (row, column).
Expected<void> farthest_sample(const tda_feature& feature, const KernelTable& kernels, FeatureValues& out, Execution& execution);

}  // namespace tda::detail
