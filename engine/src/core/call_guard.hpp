// SPDX-License-Identifier: Apache-2.0
//
// Where everything that is thrown inside the engine ends, and errors become the statuses of the C ABI.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

#include "core/error.hpp"
#include "exec/execution.hpp"
#include "tda/tda.h"

namespace tda::detail {

/// What is written to the caller's tda_error. The message is not owned: making one must not need memory.
struct Failure {
  tda_status status;
  const char* message;
  std::uint64_t row = TDA_NO_INDEX;
  std::uint64_t column = TDA_NO_INDEX;
  std::uint64_t bytes = 0;
  std::uint32_t dimension = UINT32_MAX;
};

/// Writes as much of the error object as the caller has.
inline tda_status report(tda_error* error, const Failure& failure) noexcept {
  if (error == nullptr) return failure.status;
  tda_error full{};
  full.struct_size = error->struct_size;
  full.status = static_cast<std::uint32_t>(failure.status);
  full.row = failure.row;
  full.column = failure.column;
  full.bytes = failure.bytes;
  full.dimension = failure.dimension;
  const std::size_t size = std::min<std::size_t>(error->struct_size, sizeof full);
  if (size > offsetof(tda_error, message)) {
    const std::size_t room = size - offsetof(tda_error, message) - 1;
    std::memcpy(full.message, failure.message, std::min(room, std::strlen(failure.message)));
  }
  std::memcpy(error, &full, size);
  return failure.status;
}

inline tda_status report(tda_error* error, const Error& cause) noexcept {
  return report(error, Failure{.status = cause.status,
                               .message = cause.message.c_str(),
                               .row = cause.row,
                               .column = cause.column,
                               .bytes = cause.bytes,
                               .dimension = cause.dimension});
}

inline tda_status report_null_argument(tda_error* error) noexcept {
  return report(error, Failure{.status = TDA_ERROR_NULL_ARGUMENT,
                               .message = "A required argument is NULL, or the struct_size of one is not known to this version."});
}

inline bool has_known_size(const tda_control* control) noexcept {
  return control == nullptr || control->struct_size == sizeof *control;
}

/// Runs body(), an Expected<void>, and turns whatever happens into a status.
template <class Body>
tda_status run_guarded(Execution& execution, tda_error* error, Body body) noexcept {
  try {
    if (const Expected<void> done = body(); !done) return report(error, done.error());
    return report(error, Failure{.status = TDA_OK, .message = ""});
  } catch (const BudgetExceeded& exceeded) {
    return report(error, Failure{.status = TDA_ERROR_MEMORY_LIMIT,
                                 .message = "The computation needs more memory than its budget.",
                                 .bytes = exceeded.bytes,
                                 .dimension = execution.dimension()});
  } catch (const Cancelled&) {
    return report(error, Failure{.status = TDA_ERROR_CANCELLED,
                                 .message = "The computation was cancelled.",
                                 .bytes = execution.budget().used(),
                                 .dimension = execution.dimension()});
  } catch (const std::bad_alloc&) {
    return report(error, Failure{.status = TDA_ERROR_OUT_OF_MEMORY,
                                 .message = "The system has no more memory.",
                                 .bytes = execution.budget().used(),
                                 .dimension = execution.dimension()});
  } catch (...) {
    return report(error, Failure{.status = TDA_ERROR_INTERNAL, .message = "The engine failed; this is a bug."});
  }
}

}  // namespace tda::detail
