// SPDX-License-Identifier: Apache-2.0
#include "features/features.hpp"

#include <utility>

#include "features/bottleneck.hpp"
#include "features/curves.hpp"
#include "features/diagram_points.hpp"
#include "features/farthest_sample.hpp"
#include "features/feature_values.hpp"
#include "features/persistence_image.hpp"
#include "features/persistence_sums.hpp"
#include "features/robust_z_score.hpp"
#include "features/takens_embedding.hpp"
#include "features/wasserstein.hpp"

namespace tda::detail {
namespace {

constexpr std::uint64_t most_rows = UINT32_MAX - 1;

/// Checks the size of one array and charges its bytes for the whole call.
Expected<void> check_array(const double* values, std::uint64_t rows, std::uint64_t width, Execution& execution) {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  if (rows > most_rows || __builtin_mul_overflow(rows, width, &count) || __builtin_mul_overflow(count, sizeof(double), &bytes) ||
      bytes > PTRDIFF_MAX)
    return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "An array has more rows than an index can number."});
  if (count != 0 && values == nullptr) return fail({.status = TDA_ERROR_NULL_ARGUMENT, .message = "An array of a feature is missing."});
  execution.budget().charge(bytes);
  return {};
}

Expected<void> compute_distance(const tda_feature& feature, const KernelTable& kernels, FeatureValues& out, Execution& execution) {
  const Expected<DiagramPoints> first =
      read_diagram({feature.first, feature.first_rows, feature.essential_death, 0}, execution);
  if (!first) return std::unexpected(first.error());
  const Expected<DiagramPoints> second =
      read_diagram({feature.second, feature.second_rows, feature.essential_death, feature.first_rows}, execution);
  if (!second) return std::unexpected(second.error());
  const Expected<double> distance = feature.kind == TDA_FEATURE_BOTTLENECK_DISTANCE
                                        ? bottleneck_distance(*first, *second, execution)
                                        : wasserstein_distance(*first, *second, feature.order, feature.norm, kernels, execution);
  if (!distance) return std::unexpected(distance.error());
  out.push_back(*distance);
  return {};
}

Expected<void> compute_summary(const tda_feature& feature, const KernelTable& kernels, FeatureValues& out, Execution& execution) {
  const Expected<DiagramPoints> points =
      read_diagram({feature.first, feature.first_rows, feature.essential_death, 0}, execution);
  if (!points) return std::unexpected(points.error());
  switch (feature.kind) {
    case TDA_FEATURE_TOTAL_PERSISTENCE:
      return total_persistence(*points, feature.order, kernels, out, execution);
    case TDA_FEATURE_PERSISTENCE_ENTROPY:
      return persistence_entropy(*points, out, execution);
    case TDA_FEATURE_BETTI_CURVE:
      return betti_curve(*points, feature, out, execution);
    case TDA_FEATURE_PERSISTENCE_LANDSCAPE:
      return persistence_landscape(*points, feature, out, execution);
    default:
      return persistence_image(*points, feature, kernels, out, execution);
  }
}

Expected<void> compute_feature(const tda_feature& feature, const KernelTable& kernels, FeatureValues& out, Execution& execution) {
  switch (feature.kind) {
    case TDA_FEATURE_BOTTLENECK_DISTANCE:
    case TDA_FEATURE_WASSERSTEIN_DISTANCE:
      return compute_distance(feature, kernels, out, execution);
    case TDA_FEATURE_TAKENS_EMBEDDING:
      return takens_embedding(feature, out, execution);
    case TDA_FEATURE_FARTHEST_POINTS:
      return farthest_sample(feature, kernels, out, execution);
    case TDA_FEATURE_ROBUST_Z_SCORE:
      return robust_z_score(feature, out, execution);
    default:
      return compute_summary(feature, kernels, out, execution);
  }
}

}  // namespace

RowWidths row_widths(std::uint32_t kind, std::uint64_t columns) noexcept {
  switch (kind) {
    case TDA_FEATURE_BOTTLENECK_DISTANCE:
    case TDA_FEATURE_WASSERSTEIN_DISTANCE:
      return {2, 2};
    case TDA_FEATURE_TAKENS_EMBEDDING:
    case TDA_FEATURE_FARTHEST_POINTS:
      return {columns, 0};
    case TDA_FEATURE_ROBUST_Z_SCORE:
      return {1, 1};
    default:
      return {kind <= TDA_FEATURE_PERSISTENCE_IMAGE ? 2u : 0u, 0};
  }
}

Expected<ComputedFeatures> compute_features(std::span<const tda_feature> features, const KernelTable& kernels, Execution& execution) {
  FeatureValues values(execution.budget());
  ComputedFeatures computed;
  execution.budget().charge((features.size() + 1) * sizeof(std::uint64_t));
  computed.offsets.reserve(features.size() + 1);
  computed.offsets.push_back(0);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const tda_feature& feature = features[i];
    const auto number = static_cast<std::uint32_t>(i);
    execution.begin_stage(TDA_STAGE_REDUCTION, number, 0, static_cast<double>(i + 1) / static_cast<double>(features.size()));
    Expected<void> done;
    if (feature.kind > TDA_FEATURE_ROBUST_Z_SCORE) {
      done = fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The kind of a feature is not a known one."});
    } else {
      const RowWidths widths = row_widths(feature.kind, feature.columns);
      done = check_array(feature.first, feature.first_rows, widths.first, execution);
      if (done && widths.second != 0) done = check_array(feature.second, feature.second_rows, widths.second, execution);
      if (done) done = compute_feature(feature, kernels, values, execution);
    }
    if (!done) {
      Error error = std::move(done.error());
      error.dimension = number;
      return fail(std::move(error));
    }
    computed.offsets.push_back(values.size());
  }
  computed.values = values.release();
  return computed;
}

}  // namespace tda::detail
