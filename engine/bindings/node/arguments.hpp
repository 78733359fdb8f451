// SPDX-License-Identifier: Apache-2.0
//
// From JavaScript objects to the C ABI's structures: the same fields in the same order (packages/engine/src/native-call.ts),
// no defaults and no policy.
#pragma once

#include <node_api.h>

#include <array>
#include <optional>

#include "tda/tda.h"

namespace tda::node {

struct Arguments {
  tda_input input{};
  tda_rips_options options{};
  tda_circular_options circular{};
  /// The typed arrays that the pointers in `input` lie in, to be pinned until the computation has ended; null = none.
  std::array<napi_value, 3> arrays{};
};

/// nullopt: a TypeError is pending, or the environment is being torn down.
[[nodiscard]] std::optional<Arguments> read_arguments(napi_env env, napi_value input, napi_value options);

}  // namespace tda::node
