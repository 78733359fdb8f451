// SPDX-License-Identifier: Apache-2.0
#include "support/heap_probe.hpp"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace tda::test {
namespace {

std::atomic<std::uint64_t> current_bytes{0};
std::atomic<std::uint64_t> peak_bytes{0};
/// Allocations until the failing one; negative: none is to fail.
std::atomic<std::int64_t> countdown_to_failure{-1};
std::atomic<bool> failed{false};

void* allocate(std::size_t size, std::size_t alignment) noexcept {
  if (countdown_to_failure.load() >= 0 && countdown_to_failure.fetch_sub(1) == 0) {
    failed = true;
    return nullptr;
  }
  size = std::max<std::size_t>(size, 1);
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size)
                     : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) return nullptr;
  const std::uint64_t bytes = current_bytes += malloc_usable_size(memory);
  std::uint64_t peak = peak_bytes.load();
  while (peak < bytes && !peak_bytes.compare_exchange_weak(peak, bytes)) {
  }
  return memory;
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  current_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

std::uint64_t heap_bytes() { return current_bytes; }
std::uint64_t heap_peak_bytes() { return peak_bytes; }
void reset_heap_peak() { peak_bytes = current_bytes.load(); }

FailingAllocation::FailingAllocation(std::uint64_t countdown) {
  failed = false;
  countdown_to_failure = static_cast<std::int64_t>(countdown);
}
FailingAllocation::~FailingAllocation() { countdown_to_failure = -1; }
bool FailingAllocation::has_failed() const { return failed; }

}  // namespace tda::test

using tda::test::allocate;
using tda::test::allocate_or_throw;
using tda::test::release;

constexpr std::size_t plain = alignof(std::max_align_t);

void* operator new(std::size_t size) { return allocate_or_throw(size, plain); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, plain); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, plain); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, plain); }
void* operator new(std::size_t size, std::align_val_t a) { return allocate_or_throw(size, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t size, std::align_val_t a) { return allocate_or_throw(size, static_cast<std::size_t>(a)); }
void* operator new(std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
  return allocate(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
  return allocate(size, static_cast<std::size_t>(a));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }
