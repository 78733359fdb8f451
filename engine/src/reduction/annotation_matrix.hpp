// SPDX-License-Identifier: Apache-2.0
//
// AnnotationMatrix: over Z/2, which of the classes alive each simplex counts for.
//
// Rows are simplices, columns are classes in the order of their births. When a class dies, it becomes a sum of older ones in every row that has it: its
// *substitution*. Substitutions are collected and made in all rows at once, eight of them by one look-up in a table of their sums (the method of four
// Russians: M. Albrecht, G. Bard, W. Hart, "Algorithm 898", ACM Trans. Math. Softw. 37 (2010)). Columns of dead classes are squeezed out when there is
// no room for new ones, or when most are dead.
// Memory: one bit for each row and column, 256 rows for each eight substitutions that wait.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "exec/execution.hpp"
#include "exec/parallel.hpp"
#include "simd/graph_kernels.hpp"

namespace tda::detail {

class AnnotationMatrix {
 public:
  AnnotationMatrix(const BitsetKernels& bits, Execution& execution)
      : bits_(&bits),
        execution_(&execution),
        slabs_(execution.budget()),
        births_(execution.budget()),
        alive_(execution.budget()),
        waiting_(execution.budget()),
        substitutions_(execution.budget()),
        sums_(execution.budget()) {}

  /// The length of a row.
  std::size_t words() const noexcept { return words_; }
  std::size_t rows() const noexcept { return rows_; }
  std::uint32_t classes_alive() const noexcept { return alive_count_; }

  /// Makes room for so many more classes. Columns may move, rows become longer or shorter.
  void make_room(std::uint32_t classes) {
    const std::size_t columns = births_.size();
    const std::size_t needed = alive_count_ + std::size_t{classes};
    const bool is_full = columns + classes > 64 * words_;
    const bool is_mostly_dead = words_ > 2 && needed + spare(needed) < 32 * words_;
    if (is_full || is_mostly_dead) squeeze(words_of(needed + spare(needed)));
  }

  /// A new class, younger than all others; returns its column. Precondition: there is room.
  std::uint32_t add_class(std::uint32_t birth) {
    const auto column = static_cast<std::uint32_t>(births_.size());
    births_.push_back(birth);
    alive_[column / 64] |= std::uint64_t{1} << (column % 64);
    ++alive_count_;
    return column;
  }

  std::uint32_t birth(std::uint32_t column) const noexcept { return births_[column]; }

  /// A new row, uninitialised: number rows() − 1.
  std::uint64_t* add_row() {
    if (rows_ == UINT32_MAX - 1) throw BudgetExceeded{UINT64_MAX};  // rows are numbered in 32 bits
    if (rows_ % slab_rows == 0) {
      slabs_.emplace_back(execution_->budget());
      slabs_.back().resize(element_count(slab_rows, words_));
    }
    ++rows_;
    return slabs_.back().data() + (rows_ - 1) % slab_rows * words_;
  }

  /// The row, in which substitutions may not have been made yet.
  const std::uint64_t* row(std::size_t i) const noexcept { return slabs_[i / slab_rows].data() + i % slab_rows * words_; }

  /// Makes in `row` the substitutions that wait.
  void substitute(std::uint64_t* row) const {
    for (std::size_t k = 0; k < waiting_.size(); ++k) {
      if (has(row, waiting_[k])) bits_->flip(row, substitutions_.data() + k * words_, words_);
    }
    execution_->poll(waiting_.size() * (2 + words_ / 8));
  }

  /// The youngest class dies of the relation `row` = 0, which is not zero and in which no substitution waits; returns its column.
  std::uint32_t kill_youngest(const std::uint64_t* row) {
    std::size_t w = words_ - 1;
    while (row[w] == 0) --w;
    const auto column = static_cast<std::uint32_t>(64 * w + 63 - static_cast<std::size_t>(std::countl_zero(row[w])));
    for (std::size_t k = 0; k < waiting_.size(); ++k) {
      std::uint64_t* const other = substitutions_.data() + k * words_;
      if (has(other, column)) bits_->flip(other, row, words_);
    }
    waiting_.push_back(column);
    substitutions_.insert(substitutions_.end(), row, row + words_);
    alive_[column / 64] &= ~(std::uint64_t{1} << (column % 64));
    --alive_count_;
    return column;
  }

  /// To be called now and then: makes the substitutions in all rows once enough of them wait.
  void settle() {
    if (waiting_.size() >= most_waiting) substitute_everywhere();
  }

  /// Calls visit(birth) for each class alive.
  template <class Visit>
  void each_alive(Visit visit) const {
    for (std::uint32_t column = 0; column < births_.size(); ++column) {
      if (has(alive_.data(), column)) visit(births_[column]);
    }
  }

 private:
  static constexpr std::size_t slab_rows = 1024;
  static constexpr std::size_t most_waiting = 64;
  static constexpr std::size_t at_once = 8;

  static std::size_t words_of(std::size_t bits) noexcept { return (bits + 63) / 64; }
  static std::size_t spare(std::size_t classes) noexcept { return classes / 4 + 64; }
  static bool has(const std::uint64_t* row, std::uint32_t column) noexcept { return (row[column / 64] >> (column % 64) & 1) != 0; }

  void substitute_everywhere() {
    const std::size_t groups = (waiting_.size() + at_once - 1) / at_once;
    make_sums(groups);
    const std::size_t work_of_a_row = waiting_.size() + groups * words_ / 8;
    WorkQueue queue(slabs_.size(), 1);
    in_parallel(*execution_, workers_for(*execution_, rows_ * work_of_a_row), [&](unsigned, Execution& own) {
      while (const auto slab = queue.next()) {
        const std::size_t count = std::min(slab_rows, rows_ - slab->begin * slab_rows);
        for (std::size_t i = 0; i < count; ++i) {
          add_sums(slabs_[slab->begin].data() + i * words_, groups);
          own.poll(work_of_a_row);
        }
      }
    });
    waiting_.clear();
    substitutions_.clear();
  }

  void add_sums(std::uint64_t* row, std::size_t groups) const {
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t first = g * at_once;
      const std::size_t last = std::min(first + at_once, waiting_.size());
      std::size_t which = 0;
      for (std::size_t k = first; k < last; ++k) which |= std::size_t{has(row, waiting_[k])} << (k - first);
      if (which != 0) bits_->flip(row, sums_.data() + ((g << at_once) + which) * words_, words_);
    }
  }

  /// All sums of the substitutions of each group.
  void make_sums(std::size_t groups) {
    sums_.resize(element_count(groups << at_once, words_));
    for (std::size_t g = 0; g < groups; ++g) {
      std::uint64_t* const sums = sums_.data() + (g << at_once) * words_;
      std::fill(sums, sums + words_, 0);
      for (std::size_t k = 0; k < at_once && g * at_once + k < waiting_.size(); ++k) {
        const std::uint64_t* const substitution = substitutions_.data() + (g * at_once + k) * words_;
        for (std::size_t i = 0; i < std::size_t{1} << k; ++i) {
          std::uint64_t* const sum = sums + ((std::size_t{1} << k) + i) * words_;
          std::copy(sums + i * words_, sums + (i + 1) * words_, sum);
          bits_->flip(sum, substitution, words_);
        }
      }
      execution_->poll((words_ << at_once) / 4);
    }
  }

  /// Drops the columns of dead classes and makes rows of `words` words.
  void squeeze(std::size_t words) {
    if (!waiting_.empty()) substitute_everywhere();
    RawVector<std::uint64_t> moves(execution_->budget());
    moves.resize(element_count(steps, words_));
    for (std::size_t w = 0; w < words_; ++w) prepare(alive_[w], moves.data() + w * steps);
    for (std::size_t s = 0; s < slabs_.size(); ++s) {
      RawVector<std::uint64_t> slab(execution_->budget());
      slab.resize(element_count(slab_rows, words));
      const std::size_t count = std::min(slab_rows, rows_ - s * slab_rows);
      for (std::size_t i = 0; i < count; ++i) squeeze_row(slabs_[s].data() + i * words_, moves.data(), slab.data() + i * words, words);
      slabs_[s].swap(slab);
    }
    std::size_t kept = 0;
    for (std::uint32_t column = 0; column < births_.size(); ++column) {
      if (has(alive_.data(), column)) births_[kept++] = births_[column];
    }
    births_.resize(kept);
    words_ = words;
    alive_.assign(words, 0);
    for (std::size_t column = 0; column < kept; ++column) alive_[column / 64] |= std::uint64_t{1} << (column % 64);
  }

  void squeeze_row(const std::uint64_t* row, const std::uint64_t* moves, std::uint64_t* out, std::size_t words) const {
    std::fill(out, out + words, 0);
    std::size_t place = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      const auto count = static_cast<std::size_t>(std::popcount(alive_[w]));
      if (count == 0) continue;
      const std::uint64_t bits = compress(row[w] & alive_[w], moves + w * steps);
      out[place / 64] |= bits << (place % 64);
      if (place % 64 + count > 64) out[place / 64 + 1] |= bits >> (64 - place % 64);
      place += count;
    }
    execution_->poll(4 * words_ + words);
  }

  // Moves the bits under a mask together, in six steps of 1, 2, … 32 places (H. S. Warren, "Hacker's Delight", 7-4).
  static constexpr std::size_t steps = 6;

  static void prepare(std::uint64_t mask, std::uint64_t* moves) noexcept {
    std::uint64_t zeros = ~mask << 1;
    for (std::size_t step = 0; step < steps; ++step) {
      std::uint64_t odd = zeros;  // bits that have an odd number of zeros to their right
      for (unsigned shift = 1; shift < 64; shift *= 2) odd ^= odd << shift;
      const std::uint64_t move = odd & mask;
      moves[step] = move;
      mask = (mask ^ move) | move >> (1u << step);
      zeros &= ~odd;
    }
  }
  static std::uint64_t compress(std::uint64_t bits, const std::uint64_t* moves) noexcept {
    for (std::size_t step = 0; step < steps; ++step) {
      const std::uint64_t moved = bits & moves[step];
      bits = (bits ^ moved) | moved >> (1u << step);
    }
    return bits;
  }

  const BitsetKernels* bits_;
  Execution* execution_;
  std::size_t words_ = 0;
  std::size_t rows_ = 0;
  std::uint32_t alive_count_ = 0;
  Vector<RawVector<std::uint64_t>> slabs_;
  RawVector<std::uint32_t> births_;         // by column: rank of birth
  RawVector<std::uint64_t> alive_;          // a bit for each column
  RawVector<std::uint32_t> waiting_;        // columns of the classes to be substituted
  RawVector<std::uint64_t> substitutions_;  // a row for each of them; none has a column that waits but its own
  RawVector<std::uint64_t> sums_;
};

}  // namespace tda::detail
