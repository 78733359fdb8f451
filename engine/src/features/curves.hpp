// SPDX-License-Identifier: Apache-2.0
//
// Functions of the filtration value on a grid.
#pragma once

#include "core/error.hpp"
#include "features/diagram_points.hpp"
#include "features/feature_values.hpp"
#include "tda/features.h"

namespace tda::detail {

/// How many bars, essential ones too, have birth <= t < death. O(n log grid).
Expected<void> betti_curve(const DiagramPoints& points, const tda_feature& feature, FeatureValues& out, Execution& execution);

/// The k-th largest of max(0, min(t - birth, death - t)), k = 1 … levels (P. Bubenik, Statistical topological data analysis using persistence landscapes,
/// J. Mach. Learn. Res. 16 (2015)). TDA_ERROR_INVALID_OPTION: no level. Cost: the grid points within each bar, times log levels.
Expected<void> persistence_landscape(const DiagramPoints& points, const tda_feature& feature, FeatureValues& out, Execution& execution);

}  // namespace tda::detail
