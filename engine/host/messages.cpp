// SPDX-License-Identifier: Apache-2.0
#include "messages.hpp"

#include <algorithm>
#include <cstring>

#include "process.hpp"

namespace tda::host {
namespace {

// The last byte stays NUL.
template <std::size_t size>
void copy_text(char (&target)[size], const char* text) noexcept {
  const std::size_t length = std::min(std::strlen(text), size - 1);
  std::memcpy(target, text, length);
}

}  // namespace

HelloPayload make_hello(std::uint64_t max_payload_bytes, std::uint64_t memory_limit_bytes) noexcept {
  HelloPayload hello;
  hello.process_id = current_process_id();
  hello.max_payload_bytes = max_payload_bytes;
  hello.memory_limit_bytes = memory_limit_bytes;
  hello.max_dimension = TDA_MAX_DIMENSION;
  hello.simd_target = tda_simd_best_target();
  copy_text(hello.engine_version, tda_version());
  copy_text(hello.simd_target_name, tda_simd_target_name(hello.simd_target));
  return hello;
}

ProgressPayload make_progress(const tda_progress& progress) noexcept {
  return {.fraction = progress.fraction,
          .stage = progress.stage,
          .dimension = progress.dimension,
          .columns_done = progress.columns_done,
          .columns_total = progress.columns_total,
          .bytes = progress.bytes};
}

ResultPayload make_result(std::uint32_t diagram_count, const tda_rips_statistics& statistics) noexcept {
  return {.diagram_count = diagram_count,
          .simd_target = statistics.simd_target,
          .scalar = statistics.scalar,
          .truncated = statistics.truncated,
          .points = statistics.points,
          .edges = statistics.edges,
          .simplices = statistics.simplices,
          .threshold = statistics.threshold,
          .enclosing_radius = statistics.enclosing_radius,
          .peak_bytes = statistics.peak_bytes,
          .seconds = statistics.seconds,
          .memory = current_memory_use(),
          .approximation = statistics.approximation,
          .error_kind = statistics.error_kind,
          .error_bound = statistics.error_bound,
          .cover_radius = statistics.cover_radius};
}

CoordinatesHead make_coordinates(const tda_circular_view& view) noexcept {
  return {.simd_target = view.simd_target,
          .truncated = view.truncated,
          .count = view.count,
          .bar = view.bar,
          .birth = view.birth,
          .death = view.death,
          .scale = view.scale,
          .energy = view.energy,
          .residual = view.residual,
          .steps = view.steps,
          .points = view.points,
          .edges = view.edges,
          .threshold = view.threshold,
          .peak_bytes = view.peak_bytes,
          .seconds = view.seconds,
          .memory = current_memory_use()};
}

ValuesHead make_values(const tda_feature_view& view) noexcept {
  return {.simd_target = view.simd_target,
          .count = view.count,
          .peak_bytes = view.peak_bytes,
          .seconds = view.seconds,
          .memory = current_memory_use()};
}

EstimatePayload make_estimate(const tda_rips_estimate& estimate) noexcept {
  EstimatePayload payload;
  payload.exact = estimate.exact;
  payload.points = estimate.points;
  payload.edges = estimate.edges;
  payload.bytes = estimate.bytes;
  payload.seconds = estimate.seconds;
  payload.threshold = estimate.threshold;
  payload.memory = current_memory_use();
  std::ranges::copy(estimate.simplices, payload.simplices);
  return payload;
}

ErrorPayload make_error(tda_status status, const tda_error& error) noexcept {
  ErrorPayload payload;
  payload.code = status;
  payload.dimension = error.dimension;
  payload.row = error.row;
  payload.column = error.column;
  payload.bytes = error.bytes;
  payload.memory = current_memory_use();
  copy_text(payload.message, error.message);
  return payload;
}

ErrorPayload make_error(ProtocolError error) noexcept {
  ErrorPayload payload;
  payload.code = static_cast<std::uint32_t>(error);
  payload.memory = current_memory_use();
  copy_text(payload.message, describe(error));
  return payload;
}

}  // namespace tda::host
