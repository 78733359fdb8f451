// SPDX-License-Identifier: Apache-2.0
//
// The part of the C ABI that computes persistence.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "circular/circular_coordinates.hpp"
#include "complex/filtered_graph.hpp"
#include "core/call_guard.hpp"
#include "core/rips_options.hpp"
#include "core/vietoris_rips.hpp"
#include "tda/tda.h"

struct tda_result {
  std::vector<std::vector<tda::detail::Bar>> diagrams;
  std::uint32_t representative_kind;
  std::vector<tda::detail::ReleasedBarChains> representatives;
  tda_rips_statistics statistics;
};

struct tda_circular_result {
  tda::detail::CircularCoordinates computed;
};

namespace tda::detail {
namespace {

static_assert(sizeof(Bar) == 2 * sizeof(double) && offsetof(Bar, death) == sizeof(double), "a diagram is an array of doubles");

/// Runs body(execution), an Expected<void>, and turns whatever happens into a status.
template <class Body>
tda_status guarded(const tda_input* input, const tda_rips_options* options, const tda_control* control, tda_error* error,
                   Body body) noexcept {
  if (input == nullptr || options == nullptr || input->struct_size != sizeof *input || options->struct_size != sizeof *options ||
      !has_known_size(control))
    return report_null_argument(error);
  Execution execution(options->memory_limit_bytes, control, thread_count(*options));
  return run_guarded(execution, error, [&]() -> Expected<void> {
    if (Expected<void> valid = validate_options(*options); !valid) return valid;
    return body(execution);
  });
}

}  // namespace
}  // namespace tda::detail

extern "C" {

tda_status tda_vietoris_rips(const tda_input* input, const tda_rips_options* options, const tda_control* control,
                             tda_result** result, tda_error* error) {
  using namespace tda::detail;
  if (result == nullptr) return report(error, Failure{.status = TDA_ERROR_NULL_ARGUMENT, .message = "There is no place for the result."});
  *result = nullptr;
  return guarded(input, options, control, error, [&](Execution& execution) -> Expected<void> {
    Expected<RipsResult> computed = compute_vietoris_rips(*input, *options, execution);
    if (!computed) return std::unexpected(std::move(computed.error()));
    auto owned = std::make_unique<tda_result>(std::move(computed->diagrams), options->representatives,
                                              std::move(computed->representatives), computed->statistics);
    owned->statistics.struct_size = sizeof(tda_rips_statistics);
    owned->statistics.peak_bytes = execution.budget().peak();
    execution.finish();
    owned->statistics.seconds = execution.seconds();
    *result = owned.release();
    return {};
  });
}

uint32_t tda_result_diagram_count(const tda_result* result) {
  return result == nullptr ? 0 : static_cast<uint32_t>(result->diagrams.size());
}

const double* tda_result_diagram(const tda_result* result, uint32_t dimension, uint64_t* count) {
  const bool known = result != nullptr && dimension < result->diagrams.size();
  if (count != nullptr) *count = known ? result->diagrams[dimension].size() : 0;
  if (!known || result->diagrams[dimension].empty()) return nullptr;
  return &result->diagrams[dimension].front().birth;
}

void tda_result_statistics(const tda_result* result, tda_rips_statistics* statistics) {
  if (result == nullptr || statistics == nullptr) return;
  const uint32_t struct_size = statistics->struct_size;
  std::memcpy(statistics, &result->statistics, std::min<std::size_t>(struct_size, sizeof *statistics));
  if (struct_size >= sizeof struct_size) statistics->struct_size = struct_size;
}

tda_status tda_result_representatives(const tda_result* result, uint32_t dimension, tda_representatives_view* view) {
  if (result == nullptr || view == nullptr || view->struct_size != sizeof *view) return TDA_ERROR_NULL_ARGUMENT;
  if (dimension >= result->diagrams.size()) return TDA_ERROR_INVALID_DIMENSION;
  *view = tda_representatives_view{};
  view->struct_size = sizeof *view;
  view->kind = result->representative_kind;
  if (result->representatives.empty()) return TDA_OK;
  const tda::detail::ReleasedBarChains& chains = result->representatives[dimension];
  view->bar_count = result->diagrams[dimension].size();
  view->birth_simplices = chains.birth_simplices.data();
  view->death_simplices = chains.death_simplices.data();
  if (dimension == 0 || view->kind == TDA_REPRESENTATIVES_SIMPLICES) return TDA_OK;
  view->chain_offsets = chains.chain_offsets.data();
  view->chain_simplices = chains.chain_simplices.data();
  view->chain_coefficients = chains.chain_coefficients.data();
  if (dimension == 1 && view->kind == TDA_REPRESENTATIVES_CYCLES) view->loop_vertices = chains.loop_vertices.data();
  return TDA_OK;
}

void tda_result_free(tda_result* result) { delete result; }

tda_status tda_vietoris_rips_estimate(const tda_input* input, const tda_rips_options* options, const tda_control* control,
                                      tda_rips_estimate* estimate, tda_error* error) {
  using namespace tda::detail;
  if (estimate == nullptr || estimate->struct_size != sizeof *estimate)
    return report(error, Failure{.status = TDA_ERROR_NULL_ARGUMENT,
                                 .message = "There is no place for the estimate, or its struct_size is not known to this version."});
  return guarded(input, options, control, error, [&](Execution& execution) -> Expected<void> {
    Expected<tda_rips_estimate> made = estimate_vietoris_rips(*input, *options, execution);
    if (!made) return std::unexpected(std::move(made.error()));
    made->struct_size = sizeof *estimate;
    *estimate = *made;
    execution.finish();
    return {};
  });
}

tda_status tda_circular_coordinates(const tda_input* input, const tda_rips_options* options, const tda_circular_options* circular,
                                    const tda_control* control, tda_circular_result** result, tda_error* error) {
  using namespace tda::detail;
  if (result == nullptr || circular == nullptr || circular->struct_size != sizeof *circular) return report_null_argument(error);
  *result = nullptr;
  return guarded(input, options, control, error, [&](Execution& execution) -> Expected<void> {
    Expected<CircularCoordinates> computed = compute_circular_coordinates(*input, *options, *circular, execution);
    if (!computed) return std::unexpected(std::move(computed.error()));
    auto owned = std::make_unique<tda_circular_result>(std::move(*computed));
    tda_circular_view& view = owned->computed.view;
    view.struct_size = sizeof view;
    view.coordinates = owned->computed.coordinates.data();
    view.peak_bytes = execution.budget().peak();
    execution.finish();
    view.seconds = execution.seconds();
    *result = owned.release();
    return {};
  });
}

tda_status tda_circular_result_view(const tda_circular_result* result, tda_circular_view* view) {
  if (result == nullptr || view == nullptr || view->struct_size != sizeof *view) return TDA_ERROR_NULL_ARGUMENT;
  *view = result->computed.view;
  return TDA_OK;
}

void tda_circular_result_free(tda_circular_result* result) { delete result; }

}  // extern "C"
