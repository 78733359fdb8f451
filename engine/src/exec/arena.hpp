// SPDX-License-Identifier: Apache-2.0
//
// Arena: many arrays that are released together, in slabs charged to the budget. No header and no rounding for each array; slabs grow up to 1 MiB
// so that a small computation stays small and at most one slab is unused.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "exec/budget.hpp"

namespace tda::detail {

class Arena {
 public:
  explicit Arena(Budget& budget) noexcept : slabs_(budget), budget_(&budget) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  /// Uninitialised memory for `count` values, which live as long as the arena.
  template <class T>
  T* allocate(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    const std::size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment;
    if (bytes > left_) add_slab(bytes);
    std::byte* const place = next_;
    next_ += bytes;
    left_ -= bytes;
    return reinterpret_cast<T*>(place);
  }

  /// Makes the arrays of another arena live as long as this one.
  void take(Arena&& other) {
    for (RawVector<std::byte>& slab : other.slabs_) slabs_.push_back(std::move(slab));
    if (left_ < other.left_) {
      next_ = other.next_;
      left_ = other.left_;
    }
    other.slabs_.clear();
    other.left_ = 0;
  }

 private:
  static constexpr std::size_t alignment = 16;
  static constexpr std::size_t first_slab = std::size_t{1} << 12;
  static constexpr std::size_t most_slab = std::size_t{1} << 20;

  void add_slab(std::size_t least) {
    const std::size_t usual = std::min(first_slab << std::min<std::size_t>(slabs_.size(), 16), most_slab);
    RawVector<std::byte> slab(*budget_);
    slab.resize(std::max(usual, least));
    slabs_.push_back(std::move(slab));
    next_ = slabs_.back().data();
    left_ = slabs_.back().size();
  }

  Vector<RawVector<std::byte>> slabs_;
  Budget* budget_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace tda::detail
