// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "features/diagram_points.hpp"
#include "features/feature_values.hpp"
#include "simd/kernel_table.hpp"
#include "tda/features.h"

namespace tda::detail {

/// At the points of a grid of births and lengths: Σ length^order · density of the normal distribution around (birth, length)
/// (H. Adams et al., Persistence images: a stable vector representation of persistent homology, J. Mach. Learn. Res. 18 (2017)).
/// The bars are sorted first, so that their order does not matter. TDA_ERROR_INVALID_OPTION: a grid, order or bandwidth out of range;
/// TDA_ERROR_DISTANCE_OVERFLOW. Cost: bars · points.
Expected<void> persistence_image(const DiagramPoints& points, const tda_feature& feature, const KernelTable& kernels, FeatureValues& out,
                                 Execution& execution);

}  // namespace tda::detail
