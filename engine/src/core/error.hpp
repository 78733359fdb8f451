// SPDX-License-Identifier: Apache-2.0
//
// Errors are values: every function that can fail because of its input returns Expected<T>.
// Two things are thrown instead, since they may come out of any allocation or any loop: BudgetExceeded (exec/budget.hpp) and
// Cancelled (exec/execution.hpp), beside std::bad_alloc. They are caught in one place, the C ABI (core/call_guard.hpp).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "tda/tda.h"

namespace tda::detail {

/// What goes into a tda_error. `row` and `column` are the place in the input, TDA_NO_INDEX where there is none;
/// `message` is one English sentence for people, without a final newline.
struct Error {
  tda_status status = TDA_ERROR_INTERNAL;
  std::string message;
  std::uint64_t row = TDA_NO_INDEX;
  std::uint64_t column = TDA_NO_INDEX;
  std::uint64_t bytes = 0;
  std::uint32_t dimension = UINT32_MAX;
};

template <class T>
using Expected = std::expected<T, Error>;

/// `return fail({.status = …, .message = …});`
inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace tda::detail
