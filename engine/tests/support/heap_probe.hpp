// SPDX-License-Identifier: Apache-2.0
//
// A look at the real heap: the program that links heap_probe.cpp has a global operator new that counts, and that fails on demand.
#pragma once

#include <cstdint>

namespace tda::test {

/// Bytes that operator new has handed out and not got back, as the system's allocator rounds them.
std::uint64_t heap_bytes();
/// Largest heap_bytes() since the last reset.
std::uint64_t heap_peak_bytes();
void reset_heap_peak();

/// The allocation number `countdown` from now (0 = the next) fails, once. The destructor disarms.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::uint64_t countdown);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  bool has_failed() const;
};

}  // namespace tda::test
