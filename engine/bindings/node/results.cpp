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
  writer.set("statistics", to_statistics(env, result.get()));
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
