// SPDX-License-Identifier: Apache-2.0
//
// Columns: linear combinations of simplices of one dimension, and the store that keeps those of a reduction.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "exec/arena.hpp"
#include "exec/execution.hpp"
#include "reduction/entry_sort.hpp"
#include "reduction/field.hpp"

namespace tda::detail {

/// Sorts the entries by key, adds those of one key and drops zeros. `scratch`: any array, to work in.
template <class Word, class Field>
void normalize(RawVector<Entry<Word, Field>>& entries, RawVector<Entry<Word, Field>>& scratch, const Field& field, Execution& execution) {
  sort_entries(entries, scratch, execution);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size();) {
    const Word key = entries[i].key;
    typename Field::Value sum = 0;
    for (; i < entries.size() && entries[i].key == key; ++i) sum = field.add(sum, Field::value(entries[i].coefficient));
    if (sum != 0) entries[kept++] = {key, Field::store(sum)};
  }
  entries.resize(kept);
  execution.poll(kept);
}

/// Columns that stay where they are until the store goes. Each has a key of its own: the simplex that it belongs to.
template <class Word, class Field>
class ColumnStore {
 public:
  using Element = Entry<Word, Field>;
  struct Column {
    Word key;
    const Element* entries;
    std::uint64_t count;

    std::span<const Element> span() const noexcept { return {entries, static_cast<std::size_t>(count)}; }
  };

  explicit ColumnStore(Budget& budget) : columns_(budget), arena_(budget) {}

  /// Copies the entries, each multiplied by `scale`.
  void append(Word key, std::span<const Element> entries, const Field& field, std::uint32_t scale) {
    Element* const copy = arena_.template allocate<Element>(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i)
      copy[i] = {entries[i].key, Field::store(field.multiply(scale, Field::value(entries[i].coefficient)))};
    columns_.push_back({key, copy, entries.size()});
  }

  /// Moves the columns of another store to the end of this one.
  void take(ColumnStore&& other) {
    columns_.insert(columns_.end(), other.columns_.begin(), other.columns_.end());
    arena_.take(std::move(other.arena_));
    other.columns_.clear();
  }

  std::size_t size() const noexcept { return columns_.size(); }
  const Column& operator[](std::size_t i) const noexcept { return columns_[i]; }

  void sort_by_key() {
    const auto before = [](const Column& a, const Column& b) { return a.key < b.key; };
    if (!std::is_sorted(columns_.begin(), columns_.end(), before)) std::sort(columns_.begin(), columns_.end(), before);
  }

  /// Removes the columns of these keys. Precondition: both are sorted.
  void remove(std::span<const Word> keys) noexcept {
    auto key = keys.begin();
    const auto is_among_keys = [&](const Column& c) {
      while (key != keys.end() && *key < c.key) ++key;
      return key != keys.end() && *key == c.key;
    };
    std::size_t kept = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!is_among_keys(columns_[i])) columns_[kept++] = columns_[i];
    }
    columns_.resize(kept);
  }

  /// The column of this key, or null. Precondition: sorted by key. O(log size).
  const Column* find(Word key) const noexcept {
    const auto place =
        std::lower_bound(columns_.begin(), columns_.end(), key, [](const Column& c, Word k) { return c.key < k; });
    return place != columns_.end() && place->key == key ? &*place : nullptr;
  }

 private:
  RawVector<Column> columns_;
  Arena arena_;
};

}  // namespace tda::detail
