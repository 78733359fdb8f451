// SPDX-License-Identifier: Apache-2.0
//
// The C ABI of tda/features.h.
#include <limits>
#include <memory>
#include <utility>

#include "core/call_guard.hpp"
#include "features/features.hpp"
#include "tda/features.h"

struct tda_feature_result {
  tda::detail::ComputedFeatures computed;
  tda_feature_view view;
};

namespace tda::detail {
namespace {

/// body(execution) gives the features to be computed, an Expected of a range of them.
template <class Body>
tda_status run_features(const tda_feature_options* options, const tda_control* control, tda_feature_result** result, tda_error* error,
                        Body body) noexcept {
  if (result == nullptr) return report_null_argument(error);
  *result = nullptr;
  if (options == nullptr || options->struct_size != sizeof *options || !has_known_size(control)) return report_null_argument(error);
  Execution execution(options->memory_limit_bytes, control);
  return run_guarded(execution, error, [&]() -> Expected<void> {
    const KernelTable* kernels = kernel_table(options->simd_target);
    if (kernels == nullptr) {
      if (options->simd_target > TDA_SIMD_WASM128)
        return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The instruction set is unknown."});
      return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "This processor does not have the requested instruction set."});
    }
    const auto features = body(execution);
    if (!features) return std::unexpected(features.error());
    Expected<ComputedFeatures> computed = compute_features(*features, *kernels, execution);
    if (!computed) return std::unexpected(std::move(computed.error()));
    auto owned = std::make_unique<tda_feature_result>(std::move(*computed), tda_feature_view{});
    owned->view = {.struct_size = sizeof(tda_feature_view),
                   .simd_target = kernels->target,
                   .count = owned->computed.offsets.size() - 1,
                   .offsets = owned->computed.offsets.data(),
                   .values = owned->computed.values.data(),
                   .peak_bytes = execution.budget().peak(),
                   .seconds = 0};
    execution.finish();
    owned->view.seconds = execution.seconds();
    *result = owned.release();
    return {};
  });
}

}  // namespace
}  // namespace tda::detail

extern "C" {

tda_status tda_compute_features(const tda_feature* features, uint64_t count, const tda_feature_options* options, const tda_control* control,
                                tda_feature_result** result, tda_error* error) {
  using namespace tda::detail;
  return run_features(options, control, result, error, [&](Execution& execution) -> Expected<std::span<const tda_feature>> {
    constexpr std::uint64_t most_features = UINT32_MAX;
    if (count > most_features) return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "There are too many features."});
    if (count != 0 && features == nullptr) return fail({.status = TDA_ERROR_NULL_ARGUMENT, .message = "The features are missing."});
    for (std::uint64_t i = 0; i < count; ++i) {
      if (features[i].struct_size != sizeof(tda_feature))
        return fail({.status = TDA_ERROR_NULL_ARGUMENT,
                     .message = "The struct_size of a feature is not known to this version.",
                     .dimension = static_cast<std::uint32_t>(i)});
      execution.poll(1);
    }
    return std::span(features, static_cast<std::size_t>(count));
  });
}

tda_status tda_compute_packed_features(const double* numbers, uint64_t count, const tda_feature_options* options,
                                       const tda_control* control, tda_feature_result** result, tda_error* error) {
  using namespace tda::detail;
  return run_features(options, control, result, error, [&](Execution& execution) -> Expected<Vector<tda_feature>> {
    if (count > PTRDIFF_MAX / sizeof(double))
      return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "The numbers are more than this machine can address."});
    if (count != 0 && numbers == nullptr) return fail({.status = TDA_ERROR_NULL_ARGUMENT, .message = "The numbers are missing."});
    return unpack_features({numbers, static_cast<std::size_t>(count)}, execution);
  });
}

tda_status tda_feature_result_view(const tda_feature_result* result, tda_feature_view* view) {
  if (result == nullptr || view == nullptr || view->struct_size != sizeof *view) return TDA_ERROR_NULL_ARGUMENT;
  *view = result->view;
  return TDA_OK;
}

void tda_feature_result_free(tda_feature_result* result) { delete result; }

void tda_feature_init(tda_feature* feature) {
  if (feature == nullptr) return;
  *feature = tda_feature{};
  feature->struct_size = sizeof(tda_feature);
  feature->essential_death = std::numeric_limits<double>::quiet_NaN();
  feature->order = 1;
  feature->minkowski_p = 2;
  feature->dimension = feature->delay = feature->skip = 1;
  feature->grid_points = feature->persistence_points = 1;
  feature->levels = feature->points = 1;
  feature->bandwidth = 1;
}

void tda_feature_options_init(tda_feature_options* options) {
  if (options == nullptr) return;
  *options = tda_feature_options{};
  options->struct_size = sizeof(tda_feature_options);
}

}  // extern "C"
