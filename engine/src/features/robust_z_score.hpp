// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "features/feature_values.hpp"
#include "tda/features.h"

namespace tda::detail {

/// How far numbers are from the median of a history, in units of its spread: (x − median) / (1.4826 · median of |history − median|)
/// (C. Leys et al., Detecting outliers: do not use standard deviation around the mean, use absolute deviation around the median, J. Exp. Soc. Psychol. 49 (2013)).
/// Nothing where there is no history or no spread. TDA_ERROR_NOT_A_NUMBER (row): a number that is not finite; TDA_ERROR_DISTANCE_OVERFLOW. O(n log n).
Expected<void> robust_z_score(const tda_feature& feature, FeatureValues& out, Execution& execution);

}  // namespace tda::detail
