// SPDX-License-Identifier: Apache-2.0
//
// PivotTable: key → column number, by open addressing with linear probing. 12 to 24 bytes per key (32 for wide keys) at a load of at most ⅔.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "complex/simplex_coder.hpp"
#include "exec/budget.hpp"

namespace tda::detail {

template <class Word>
class PivotTable {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  explicit PivotTable(Budget& budget) : keys_(budget), values_(budget) {}

  /// The value of the key, or `none`.
  std::uint32_t find(Word key) const noexcept {
    if (count_ == 0) return none;
    const std::size_t slot = slot_of(key);
    return values_[slot];
  }

  /// Precondition: the key is not there; value != none.
  void insert(Word key, std::uint32_t value) {
    if (3 * (count_ + 1) > 2 * keys_.size()) grow();
    const std::size_t slot = slot_of(key);
    keys_[slot] = key;
    values_[slot] = value;
    ++count_;
  }

  /// Empties the table. It becomes small again where it was mostly unused, so that clearing costs what was inserted.
  void clear() {
    if (values_.size() > least_slots && values_.size() > 8 * count_) {
      keys_.clear();
      values_.clear();
    } else if (count_ != 0) {
      std::fill(values_.begin(), values_.end(), none);
    }
    count_ = 0;
  }

  std::size_t size() const noexcept { return count_; }

 private:
  static constexpr std::size_t least_slots = 16;

  /// The slot of the key, or the empty one where it belongs.
  std::size_t slot_of(Word key) const noexcept {
    const std::size_t mask = keys_.size() - 1;
    std::size_t slot = static_cast<std::size_t>(hash_of(key)) & mask;
    while (values_[slot] != none && keys_[slot] != key) slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    RawVector<Word> keys(keys_.get_allocator());
    RawVector<std::uint32_t> values(values_.get_allocator());
    const std::size_t slots = std::max(least_slots, 2 * keys_.size());
    keys.resize(slots);
    values.assign(slots, none);
    keys.swap(keys_);
    values.swap(values_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (values[i] == none) continue;
      const std::size_t slot = slot_of(keys[i]);
      keys_[slot] = keys[i];
      values_[slot] = values[i];
    }
  }

  RawVector<Word> keys_;
  RawVector<std::uint32_t> values_;
  std::size_t count_ = 0;
};

}  // namespace tda::detail
