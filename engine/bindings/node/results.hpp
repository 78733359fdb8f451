// SPDX-License-Identifier: Apache-2.0
//
// From the C ABI's structures to JavaScript objects, with the names of packages/engine/src/native-call.ts. Null: the
// environment is being torn down.
#pragma once

#include <node_api.h>

#include <memory>

#include "tda/features.h"
#include "tda/tda.h"

namespace tda::node {

struct FreeResult {
  void operator()(tda_result* result) const noexcept { tda_result_free(result); }
};
using ResultPointer = std::unique_ptr<tda_result, FreeResult>;

struct FreeCircularResult {
  void operator()(tda_circular_result* result) const noexcept { tda_circular_result_free(result); }
};
using CircularResultPointer = std::unique_ptr<tda_circular_result, FreeCircularResult>;

struct FreeFeatureResult {
  void operator()(tda_feature_result* result) const noexcept { tda_feature_result_free(result); }
};
using FeatureResultPointer = std::unique_ptr<tda_feature_result, FreeFeatureResult>;

[[nodiscard]] napi_value to_progress(napi_env env, const tda_progress& progress);

/// {status, row, column, bytes, dimension, message}; row, column and dimension are null where there is no place.
[[nodiscard]] napi_value to_error(napi_env env, tda_status status, const tda_error& error);

/// {diagrams, representatives, statistics}; representatives is null where none were asked for. Large diagrams stay where the engine put them: their ArrayBuffers share the result, which is
/// freed with the last of them; V8 counts their bytes as external memory. Small ones are copied, so that they keep nothing alive.
[[nodiscard]] napi_value to_result(napi_env env, ResultPointer result);

/// The fields of tda_circular_view, everything copied.
[[nodiscard]] napi_value to_coordinates(napi_env env, const tda_circular_result* result);

/// The fields of tda_feature_view, everything copied.
[[nodiscard]] napi_value to_values(napi_env env, const tda_feature_result* result);

[[nodiscard]] napi_value to_estimate(napi_env env, const tda_rips_estimate& estimate);

}  // namespace tda::node
