// SPDX-License-Identifier: Apache-2.0
//
// PivotOwners: pivot → the reduced column that has it, shared by all workers without locks.
//
// Columns are numbered in the order of the reduction, and a pivot belongs to the earliest column that has come to it. A column that comes to a pivot of a later
// one takes its place by one compare-and-swap, and the worker goes on with the column that it displaced; so whatever the order of events, the table ends
// as the one of a sequential reduction up to multiples, and its pairs are the same (D. Morozov, A. Nigmetov, "Towards lockfree persistent
// homology", SPAA 2020). Reduced columns never change and live until the reduction ends, so that a displaced one may still be read.
// Open addressing with linear probing; the number of columns bounds the number of pivots, so the table never grows. Memory: 8 bytes for each of 1.5 to 3
// slots a column.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "complex/simplex_coder.hpp"
#include "exec/budget.hpp"
#include "reduction/field.hpp"

namespace tda::detail {

/// Part of the coboundary of a reduced column: what comes after its pivot, up to a rank. Sorted, each key once.
template <class Word, class Field>
struct PartialCoboundary {
  const Entry<Word, Field>* entries;
  std::size_t count;
  std::uint32_t end;  // entries of rank below this are there
};

/// A column whose coboundary has a pivot that no column before it has. The coefficient of its coboundary at the pivot is 1.
template <class Word, class Field>
struct ReducedColumn {
  Word pivot;
  Word simplex;  // the column that it was made from
  const Entry<Word, Field>* entries;
  std::uint32_t count;
  std::uint32_t order;  // in the reduction
  /// Made when the column is needed again and again; null before.
  mutable const PartialCoboundary<Word, Field>* coboundary;
  mutable std::uint32_t uses;

  std::atomic_ref<const PartialCoboundary<Word, Field>*> shared_coboundary() const noexcept {
    return std::atomic_ref<const PartialCoboundary<Word, Field>*>(coboundary);
  }

  /// Counts a use; returns how many there were before.
  std::uint32_t use() const noexcept { return std::atomic_ref<std::uint32_t>(uses).fetch_add(1, std::memory_order_relaxed); }

  std::span<const Entry<Word, Field>> span() const noexcept { return {entries, count}; }
};

template <class Word, class Field>
class PivotOwners {
 public:
  using Column = ReducedColumn<Word, Field>;

  PivotOwners(Budget& budget, std::size_t columns) : slots_(std::bit_ceil(columns + columns / 2 + 1), nullptr, budget) {}

  /// The owner of the pivot, or null.
  const Column* find(Word pivot) const noexcept {
    for (std::size_t slot = first_slot(pivot);; slot = next(slot)) {
      const Column* const column = at(slot).load(std::memory_order_acquire);
      if (column == nullptr || column->pivot == pivot) return column;
    }
  }

  /// Makes `column` the owner of its pivot unless an earlier column is; returns the owner before: null, a later column, which is displaced now, or
  /// the earlier one.
  const Column* claim(const Column& column) noexcept {
    for (std::size_t slot = first_slot(column.pivot);; slot = next(slot)) {
      const Column* owner = at(slot).load(std::memory_order_acquire);
      while (owner == nullptr || owner->pivot == column.pivot) {
        if (owner != nullptr && owner->order < column.order) return owner;
        if (at(slot).compare_exchange_weak(owner, &column, std::memory_order_acq_rel, std::memory_order_acquire)) return owner;
      }
    }
  }

  /// Calls visit(column) for each owner, in no particular order.
  template <class Visit>
  void each(Visit visit) const {
    for (const Column* column : slots_) {
      if (column != nullptr) visit(*column);
    }
  }

 private:
  std::atomic_ref<const Column*> at(std::size_t slot) const noexcept { return std::atomic_ref<const Column*>(slots_[slot]); }
  std::size_t first_slot(Word pivot) const noexcept { return static_cast<std::size_t>(hash_of(pivot)) & (slots_.size() - 1); }
  std::size_t next(std::size_t slot) const noexcept { return (slot + 1) & (slots_.size() - 1); }

  mutable Vector<const Column*> slots_;
};

}  // namespace tda::detail
