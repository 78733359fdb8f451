// SPDX-License-Identifier: Apache-2.0
#include "results.hpp"

#include <cstring>
#include <utility>

namespace tda::node {
namespace {

// Below this a copy costs less than an external buffer's bookkeeping.
constexpr std::size_t external_minimum_bytes = 64 * 1024;

Napi::Value number_or_null(Napi::Env env, std::uint64_t value, std::uint64_t none) {
  if (value == none) return env.Null();
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Number number(Napi::Env env, std::uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

Napi::ArrayBuffer copy_to_buffer(Napi::Env env, const double* bars, std::size_t bytes) {
  const Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, bytes);
  if (bytes > 0) std::memcpy(Napi::ArrayBuffer(buffer).Data(), bars, bytes);
  return buffer;
}

void release_share(napi_env, void*, void* share) { delete static_cast<std::shared_ptr<tda_result>*>(share); }

Napi::ArrayBuffer to_buffer(Napi::Env env, const std::shared_ptr<tda_result>& result, const double* bars,
                            std::size_t bytes) {
  if (bytes < external_minimum_bytes) return copy_to_buffer(env, bars, bytes);
  auto share = std::make_unique<std::shared_ptr<tda_result>>(result);
  napi_value buffer = nullptr;
  // The C ABI hands out const bars; from here on they are the caller's alone.
  const napi_status status =
      napi_create_external_arraybuffer(env, const_cast<double*>(bars), bytes, release_share, share.get(), &buffer);
  // Some embedders of V8 forbid external buffers.
  if (status != napi_ok) return copy_to_buffer(env, bars, bytes);
  share.release();
  return {env, buffer};
}

}  // namespace

Napi::Object to_progress(Napi::Env env, const tda_progress& progress) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("fraction", Napi::Number::New(env, progress.fraction));
  object.Set("stage", number(env, progress.stage));
  object.Set("dimension", number(env, progress.dimension));
  object.Set("columnsDone", number(env, progress.columns_done));
  object.Set("columnsTotal", number(env, progress.columns_total));
  object.Set("bytes", number(env, progress.bytes));
  return object;
}

Napi::Object to_error(Napi::Env env, tda_status status, const tda_error& error) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("status", number(env, static_cast<std::uint64_t>(status)));
  object.Set("row", number_or_null(env, error.row, TDA_NO_INDEX));
  object.Set("column", number_or_null(env, error.column, TDA_NO_INDEX));
  object.Set("bytes", number(env, error.bytes));
  object.Set("dimension", number_or_null(env, error.dimension, UINT32_MAX));
  object.Set("message", Napi::String::New(env, error.message));
  return object;
}

Napi::Object to_result(Napi::Env env, ResultPointer owned) {
  const std::shared_ptr<tda_result> result = std::move(owned);
  const std::uint32_t count = tda_result_diagram_count(result.get());
  Napi::Array diagrams = Napi::Array::New(env, count);
  for (std::uint32_t dimension = 0; dimension < count; ++dimension) {
    std::uint64_t bar_count = 0;
    const double* bars = tda_result_diagram(result.get(), dimension, &bar_count);
    const auto value_count = static_cast<std::size_t>(2 * bar_count);
    const Napi::ArrayBuffer buffer = to_buffer(env, result, bars, value_count * sizeof(double));
    diagrams.Set(dimension, Napi::Float64Array::New(env, value_count, buffer, 0));
  }

  tda_rips_statistics statistics{};
  statistics.struct_size = sizeof statistics;
  tda_result_statistics(result.get(), &statistics);
  Napi::Object values = Napi::Object::New(env);
  values.Set("simdTarget", number(env, statistics.simd_target));
  values.Set("truncated", number(env, statistics.truncated));
  values.Set("points", number(env, statistics.points));
  values.Set("edges", number(env, statistics.edges));
  values.Set("simplices", number(env, statistics.simplices));
  values.Set("threshold", Napi::Number::New(env, statistics.threshold));
  values.Set("enclosingRadius", Napi::Number::New(env, statistics.enclosing_radius));
  values.Set("peakBytes", number(env, statistics.peak_bytes));
  values.Set("seconds", Napi::Number::New(env, statistics.seconds));

  Napi::Object object = Napi::Object::New(env);
  object.Set("diagrams", diagrams);
  object.Set("statistics", values);
  return object;
}

Napi::Object to_estimate(Napi::Env env, const tda_rips_estimate& estimate) {
  Napi::Array simplices = Napi::Array::New(env, TDA_ESTIMATE_DIMENSIONS);
  for (std::uint32_t dimension = 0; dimension < TDA_ESTIMATE_DIMENSIONS; ++dimension) {
    simplices.Set(dimension, Napi::Number::New(env, estimate.simplices[dimension]));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("exact", number(env, estimate.exact));
  object.Set("points", number(env, estimate.points));
  object.Set("edges", Napi::Number::New(env, estimate.edges));
  object.Set("simplices", simplices);
  object.Set("bytes", Napi::Number::New(env, estimate.bytes));
  object.Set("seconds", Napi::Number::New(env, estimate.seconds));
  object.Set("threshold", Napi::Number::New(env, estimate.threshold));
  return object;
}

}  // namespace tda::node
