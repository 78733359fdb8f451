// SPDX-License-Identifier: Apache-2.0
//
// From the C ABI's structures to JavaScript objects, with the names of packages/engine/src/native-call.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "tda/tda.h"

namespace tda::node {

struct FreeResult {
  void operator()(tda_result* result) const noexcept { tda_result_free(result); }
};
using ResultPointer = std::unique_ptr<tda_result, FreeResult>;

[[nodiscard]] Napi::Object to_progress(Napi::Env env, const tda_progress& progress);

/// {status, row, column, bytes, dimension, message}; row, column and dimension are null where there is no place.
[[nodiscard]] Napi::Object to_error(Napi::Env env, tda_status status, const tda_error& error);

/// {diagrams, statistics}. Large diagrams stay where the engine put them: their ArrayBuffers share the result, which is
/// freed with the last of them; V8 counts their bytes as external memory. Small ones are copied, so that they keep nothing alive.
[[nodiscard]] Napi::Object to_result(Napi::Env env, ResultPointer result);

[[nodiscard]] Napi::Object to_estimate(Napi::Env env, const tda_rips_estimate& estimate);

}  // namespace tda::node
