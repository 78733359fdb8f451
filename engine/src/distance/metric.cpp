// SPDX-License-Identifier: Apache-2.0
#include "distance/metric.hpp"

#include <cmath>

namespace tda::detail {

Expected<ResolvedMetric> resolve_metric(const tda_input& input) {
  switch (input.metric) {
    case TDA_EUCLIDEAN:
      return ResolvedMetric{.kind = Metric::euclidean};
    case TDA_MANHATTAN:
      return ResolvedMetric{.kind = Metric::manhattan};
    case TDA_CHEBYSHEV:
      return ResolvedMetric{.kind = Metric::chebyshev};
    case TDA_COSINE:
      return ResolvedMetric{.kind = Metric::cosine};
    case TDA_MINKOWSKI:
      if (!(input.minkowski_p >= 1) || !std::isfinite(input.minkowski_p))
        return fail({.status = TDA_ERROR_INVALID_METRIC, .message = "The exponent of the Minkowski metric must be finite and at least 1."});
      if (input.minkowski_p == 1) return ResolvedMetric{.kind = Metric::manhattan};
      if (input.minkowski_p == 2) return ResolvedMetric{.kind = Metric::euclidean};
      return ResolvedMetric{.kind = Metric::minkowski, .exponent = input.minkowski_p};
    default:
      return fail({.status = TDA_ERROR_INVALID_METRIC, .message = "The metric is not one of the known ones."});
  }
}

DistanceRow distance_row(Metric metric, const DistanceKernels& kernels) noexcept {
  switch (metric) {
    case Metric::manhattan:
      return kernels.manhattan;
    case Metric::chebyshev:
      return kernels.chebyshev;
    case Metric::cosine:
      return kernels.half_squared;
    case Metric::minkowski:
      return kernels.minkowski;
    case Metric::euclidean:
      break;
  }
  return kernels.euclidean;
}

}  // namespace tda::detail
