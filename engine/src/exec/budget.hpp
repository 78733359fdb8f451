// SPDX-License-Identifier: Apache-2.0
//
// The memory budget of one computation.
//
// Purpose: every container of the engine charges its bytes here before it asks the system for them, so that a run stops with a typed
// error instead of taking the machine down. Invariant: used() is the sum of the charged bytes that were not released; it never passes
// the limit. Cost: two relaxed atomic operations for each allocation; allocations are rare (pools and tables, no small objects).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace tda::detail {

/// Thrown by Budget::charge. `bytes` is what would have been in use.
struct BudgetExceeded {
  std::uint64_t bytes;
};

/// a · b elements of an array, where their number can pass the address space of a 32-bit target; there, BudgetExceeded.
inline std::size_t element_count(std::size_t a, std::size_t b) {
  std::size_t count = 0;
  if (__builtin_mul_overflow(a, b, &count)) throw BudgetExceeded{UINT64_MAX};
  return count;
}

/// A counter of bytes with a limit and a peak. Safe to share between threads.
class Budget {
 public:
  /// limit = 0: none.
  explicit Budget(std::uint64_t limit) noexcept : limit_(limit == 0 ? UINT64_MAX : limit) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Counts `bytes` as in use, or throws BudgetExceeded and counts nothing.
  void charge(std::uint64_t bytes) {
    std::uint64_t before = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > limit_ || before > limit_ - bytes) throw BudgetExceeded{saturating_sum(before, bytes)};
    } while (!used_.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
    std::uint64_t peak = peak_.load(std::memory_order_relaxed);
    while (peak < before + bytes && !peak_.compare_exchange_weak(peak, before + bytes, std::memory_order_relaxed)) {
    }
  }

  void release(std::uint64_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  std::uint64_t peak() const noexcept { return peak_.load(std::memory_order_relaxed); }
  /// UINT64_MAX = none.
  std::uint64_t limit() const noexcept { return limit_; }
  /// Bytes that can still be charged: what an algorithm may use to choose between a fast and a small data structure.
  std::uint64_t available() const noexcept { return limit_ - used(); }

 private:
  static std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> peak_{0};
};

/// A std::allocator that charges a Budget. Memory is aligned to the widest vector (64 bytes). With Initialize = false, elements of trivial
/// type that are made without a value (resize) stay uninitialised.
template <class T, bool Initialize = true>
class CountedAllocator {
 public:
  using value_type = T;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;
  template <class U>
  struct rebind {
    using other = CountedAllocator<U, Initialize>;
  };

  CountedAllocator(Budget& budget) noexcept : budget_(&budget) {}  // NOLINT: a budget is all a container needs
  template <class U>
  CountedAllocator(const CountedAllocator<U, Initialize>& other) noexcept : budget_(&other.budget()) {}

  T* allocate(std::size_t count) {
    if (count > SIZE_MAX / sizeof(T)) throw BudgetExceeded{UINT64_MAX};
    const std::size_t bytes = count * sizeof(T);
    budget_->charge(bytes);
    void* memory = ::operator new(bytes, std::align_val_t{alignment}, std::nothrow);
    if (memory == nullptr) {
      budget_->release(bytes);
      throw std::bad_alloc();
    }
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) noexcept {
    budget_->release(count * sizeof(T));
    ::operator delete(memory, std::align_val_t{alignment});
  }

  template <class U, class... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    if constexpr (sizeof...(Arguments) == 0 && !Initialize) {
      ::new (static_cast<void*>(place)) U;
    } else {
      ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
    }
  }

  Budget& budget() const noexcept { return *budget_; }
  friend bool operator==(const CountedAllocator& a, const CountedAllocator& b) noexcept { return a.budget_ == b.budget_; }

 private:
  static constexpr std::size_t alignment = 64;
  Budget* budget_;
};

/// std::vector on a budget: `Vector<std::uint32_t> v(execution.budget());`
template <class T>
using Vector = std::vector<T, CountedAllocator<T>>;

/// The same, but resize() leaves numbers uninitialised: for large arrays that are written right after.
template <class T>
using RawVector = std::vector<T, CountedAllocator<T, false>>;

}  // namespace tda::detail
