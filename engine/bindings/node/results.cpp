// SPDX-License-Identifier: Apache-2.0
#include "results.hpp"

#include <cstring>
#include <utility>

#include "js_values.hpp"

namespace tda::node {
namespace {

// Below this a copy costs less than an external buffer's bookkeeping.
constexpr std::size_t external_minimum_bytes = 64 * 1024;

void set_place(ObjectWriter& writer, const char* name, std::uint64_t value, std::uint64_t none) {
  if (value == none) {
    writer.set_null(name);
  } else {
    writer.set_count(name, value);
  }
}

napi_value copy_to_buffer(napi_env env, const double* bars, std::size_t bytes) {
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) return nullptr;
  if (bytes > 0) std::memcpy(data, bars, bytes);
  return buffer;
}

void release_share(napi_env, void*, void* share) { delete static_cast<std::shared_ptr<tda_result>*>(share); }

napi_value to_buffer(napi_env env, const std::shared_ptr<tda_result>& result, const double* bars, std::size_t bytes) {
  if (bytes < external_minimum_bytes) return copy_to_buffer(env, bars, bytes);
  auto share = std::make_unique<std::shared_ptr<tda_result>>(result);
  napi_value buffer = nullptr;
  // The C ABI hands out const bars; from here on they are the caller's alone.
  const napi_status status =
      napi_create_external_arraybuffer(env, const_cast<double*>(bars), bytes, release_share, share.get(), &buffer);
  // Some embedders of V8 forbid external buffers.
  if (status == napi_no_external_buffers_allowed) return copy_to_buffer(env, bars, bytes);
  // From its last step on (a generic failure) Node has the share and releases it, as it does after success.
  if (status == napi_ok || status == napi_generic_failure) static_cast<void>(share.release());
  return status == napi_ok ? buffer : nullptr;
}

napi_value to_float64_array(napi_env env, napi_value buffer, std::size_t length) {
  napi_value array = nullptr;
  if (buffer == nullptr || napi_create_typedarray(env, napi_float64_array, length, buffer, 0, &array) != napi_ok) {
    return nullptr;
  }
  return array;
}

napi_value to_diagrams(napi_env env, const std::shared_ptr<tda_result>& result) {
  const std::uint32_t count = tda_result_diagram_count(result.get());
  napi_value diagrams = nullptr;
  if (napi_create_array_with_length(env, count, &diagrams) != napi_ok) return nullptr;
  for (std::uint32_t dimension = 0; dimension < count; ++dimension) {
    std::uint64_t bar_count = 0;
    const double* bars = tda_result_diagram(result.get(), dimension, &bar_count);
    const auto length = static_cast<std::size_t>(2 * bar_count);
    const napi_value diagram = to_float64_array(env, to_buffer(env, result, bars, length * sizeof(double)), length);
    if (diagram == nullptr || napi_set_element(env, diagrams, dimension, diagram) != napi_ok) return nullptr;
  }
  return diagrams;
}

napi_value copy_to_uint32_array(napi_env env, const std::uint32_t* numbers, std::uint64_t count) {
  const auto length = static_cast<std::size_t>(count);
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, length * sizeof(std::uint32_t), &data, &buffer) != napi_ok) return nullptr;
  if (length > 0) std::memcpy(data, numbers, length * sizeof(std::uint32_t));
  return napi_create_typedarray(env, napi_uint32_array, length, buffer, 0, &array) == napi_ok ? array : nullptr;
}

/// Places in an array as numbers: exact below 2^53.
napi_value offsets_to_float64_array(napi_env env, const std::uint64_t* offsets, std::size_t length) {
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, length * sizeof(double), &data, &buffer) != napi_ok) return nullptr;
  for (std::size_t i = 0; i < length; ++i) static_cast<double*>(data)[i] = static_cast<double>(offsets[i]);
  return to_float64_array(env, buffer, length);
}

napi_value to_dimension_representatives(napi_env env, const tda_representatives_view& view, std::uint32_t dimension) {
  const std::uint64_t size = std::uint64_t{dimension} + 1;
  ObjectWriter writer(env);
  writer.set("birthSimplices", copy_to_uint32_array(env, view.birth_simplices, view.bar_count * size));
  writer.set("deathSimplices", copy_to_uint32_array(env, view.death_simplices, view.bar_count * (size + 1)));
  if (view.chain_offsets == nullptr) {
    for (const char* name : {"chainOffsets", "chainSimplices", "chainCoefficients"}) writer.set_null(name);
  } else {
    const std::uint64_t count = view.chain_offsets[view.bar_count];
    writer.set("chainOffsets", offsets_to_float64_array(env, view.chain_offsets, static_cast<std::size_t>(view.bar_count + 1)));
    writer.set("chainSimplices", copy_to_uint32_array(env, view.chain_simplices, count * size));
    writer.set("chainCoefficients", copy_to_uint32_array(env, view.chain_coefficients, count));
  }
  if (view.loop_vertices == nullptr) {
    writer.set_null("loopVertices");
  } else {
    writer.set("loopVertices", copy_to_uint32_array(env, view.loop_vertices, view.chain_offsets[view.bar_count]));
  }
  return writer.object();
}

napi_value to_representatives(napi_env env, const tda_result* result) {
  const std::uint32_t count = tda_result_diagram_count(result);
  napi_value representatives = nullptr;
  if (napi_create_array_with_length(env, count, &representatives) != napi_ok) return nullptr;
  for (std::uint32_t dimension = 0; dimension < count; ++dimension) {
    tda_representatives_view view{};
    view.struct_size = sizeof view;
    if (tda_result_representatives(result, dimension, &view) != TDA_OK) return nullptr;
    if (view.kind == TDA_REPRESENTATIVES_NONE) return null_value(env);
    const napi_value one = to_dimension_representatives(env, view, dimension);
    if (one == nullptr || napi_set_element(env, representatives, dimension, one) != napi_ok) return nullptr;
  }
  return representatives;
}

napi_value to_statistics(napi_env env, const tda_result* result) {
  tda_rips_statistics statistics{};
  statistics.struct_size = sizeof statistics;
  tda_result_statistics(result, &statistics);
  ObjectWriter writer(env);
  writer.set_count("simdTarget", statistics.simd_target);
  writer.set_count("truncated", statistics.truncated);
  writer.set_count("points", statistics.points);
  writer.set_count("edges", statistics.edges);
  writer.set_count("simplices", statistics.simplices);
  writer.set_number("threshold", statistics.threshold);
  writer.set_number("enclosingRadius", statistics.enclosing_radius);
  writer.set_count("peakBytes", statistics.peak_bytes);
  writer.set_number("seconds", statistics.seconds);
  writer.set_count("approximation", statistics.approximation);
  writer.set_count("errorKind", statistics.error_kind);
  writer.set_number("errorBound", statistics.error_bound);
  writer.set_number("coverRadius", statistics.cover_radius);
  return writer.object();
}

napi_value to_numbers(napi_env env, const double* values, std::uint32_t count) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, count, &array) != napi_ok) return nullptr;
  for (std::uint32_t i = 0; i < count; ++i) {
    napi_value number = nullptr;
    if (napi_create_double(env, values[i], &number) != napi_ok) return nullptr;
    if (napi_set_element(env, array, i, number) != napi_ok) return nullptr;
  }
  return array;
}

}  // namespace

napi_value to_progress(napi_env env, const tda_progress& progress) {
  ObjectWriter writer(env);
  writer.set_number("fraction", progress.fraction);
  writer.set_count("stage", progress.stage);
  writer.set_count("dimension", progress.dimension);
  writer.set_count("columnsDone", progress.columns_done);
  writer.set_count("columnsTotal", progress.columns_total);
  writer.set_count("bytes", progress.bytes);
  return writer.object();
}

napi_value to_error(napi_env env, tda_status status, const tda_error& error) {
  ObjectWriter writer(env);
  writer.set_count("status", static_cast<std::uint64_t>(status));
  set_place(writer, "row", error.row, TDA_NO_INDEX);
  set_place(writer, "column", error.column, TDA_NO_INDEX);
  writer.set_count("bytes", error.bytes);
  set_place(writer, "dimension", error.dimension, UINT32_MAX);
  writer.set_text("message", error.message);
  return writer.object();
}

napi_value to_result(napi_env env, ResultPointer owned) {
  const std::shared_ptr<tda_result> result = std::move(owned);
  ObjectWriter writer(env);
  writer.set("diagrams", to_diagrams(env, result));
  writer.set("representatives", to_representatives(env, result.get()));
  writer.set("statistics", to_statistics(env, result.get()));
  return writer.object();
}

napi_value to_coordinates(napi_env env, const tda_circular_result* result) {
  tda_circular_view view{};
  view.struct_size = sizeof view;
  if (tda_circular_result_view(result, &view) != TDA_OK) return nullptr;
  const auto count = static_cast<std::size_t>(view.count);
  ObjectWriter writer(env);
  writer.set("coordinates", to_float64_array(env, copy_to_buffer(env, view.coordinates, count * sizeof(double)), count));
  writer.set_count("simdTarget", view.simd_target);
  writer.set_count("truncated", view.truncated);
  writer.set_count("bar", view.bar);
  writer.set_number("birth", view.birth);
  writer.set_number("death", view.death);
  writer.set_number("scale", view.scale);
  writer.set_number("energy", view.energy);
  writer.set_number("residual", view.residual);
  writer.set_count("steps", view.steps);
  writer.set_count("points", view.points);
  writer.set_count("edges", view.edges);
  writer.set_number("threshold", view.threshold);
  writer.set_count("peakBytes", view.peak_bytes);
  writer.set_number("seconds", view.seconds);
  return writer.object();
}

napi_value to_values(napi_env env, const tda_feature_result* result) {
  tda_feature_view view{};
  view.struct_size = sizeof view;
  if (tda_feature_result_view(result, &view) != TDA_OK) return nullptr;
  const auto count = static_cast<std::size_t>(view.offsets[view.count]);
  ObjectWriter writer(env);
  writer.set_count("simdTarget", view.simd_target);
  writer.set_count("peakBytes", view.peak_bytes);
  writer.set_number("seconds", view.seconds);
  writer.set("offsets", offsets_to_float64_array(env, view.offsets, static_cast<std::size_t>(view.count + 1)));
  writer.set("values", to_float64_array(env, copy_to_buffer(env, view.values, count * sizeof(double)), count));
  return writer.object();
}

napi_value to_estimate(napi_env env, const tda_rips_estimate& estimate) {
  ObjectWriter writer(env);
  writer.set_count("exact", estimate.exact);
  writer.set_count("points", estimate.points);
  writer.set_number("edges", estimate.edges);
  writer.set("simplices", to_numbers(env, estimate.simplices, TDA_ESTIMATE_DIMENSIONS));
  writer.set_number("bytes", estimate.bytes);
  writer.set_number("seconds", estimate.seconds);
  writer.set_number("threshold", estimate.threshold);
  return writer.object();
}

}  // namespace tda::node
