// SPDX-License-Identifier: Apache-2.0
//
// The metrics of tda_input, resolved: which one, and its exponent.
#pragma once

#include "core/error.hpp"
#include "simd/distance_kernels.hpp"
#include "tda/tda.h"

namespace tda::detail {

enum class Metric { euclidean, manhattan, chebyshev, cosine, minkowski };

struct ResolvedMetric {
  Metric kind = Metric::euclidean;
  /// Of the Minkowski metric, neither 1 nor 2; else 0.
  double exponent = 0;
};

/// Minkowski with p = 1 is manhattan and with p = 2 is euclidean, so that the bytes are the same.
/// TDA_ERROR_INVALID_METRIC: an unknown metric, or p below 1 or not finite.
Expected<ResolvedMetric> resolve_metric(const tda_input& input);

/// The kernel of a metric; for cosine the one that expects vectors of length 1.
DistanceRow distance_row(Metric metric, const DistanceKernels& kernels) noexcept;

}  // namespace tda::detail
