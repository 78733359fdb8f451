// SPDX-License-Identifier: Apache-2.0
//
// The ends that only a bug leads to. A message would need a terminal, and with it the system's input and output: the instance traps,
// which JavaScript sees as an exception.
#include <cstdlib>
#include <exception>
#include <version>

namespace std {
[[noreturn]] void terminate() noexcept { __builtin_trap(); }
}  // namespace std

_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD

/// Called inside libc++abi.
extern "C" [[noreturn]] void abort_message(const char*, ...) { __builtin_trap(); }
