// SPDX-License-Identifier: Apache-2.0
//
// From JavaScript objects to the C ABI's structures: the same fields in the same order (packages/engine/src/native-call.ts),
// no defaults and no policy.
#pragma once

#include <napi.h>

#include <optional>

#include "tda/tda.h"

namespace tda::node {

struct Arguments {
  tda_input input{};
  tda_rips_options options{};
  // What the pointers in `input` lie in; pinned until the computation has ended.
  Napi::Value values;
  Napi::Value row_indices;
  Napi::Value column_indices;
};

/// nullopt: a JavaScript TypeError is pending.
[[nodiscard]] std::optional<Arguments> read_arguments(Napi::Env env, Napi::Value input, Napi::Value options);

}  // namespace tda::node
