// SPDX-License-Identifier: Apache-2.0
//
// EntryColumn: the working column of a reduction as lists of entries.
//
// It is a combination of simplices and the part of its coboundary from the last pivot up to the horizon. Memory: what was added since the combination was last
// put in order, and the entries of the queue.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "reduction/column.hpp"
#include "reduction/monotone_queue.hpp"

namespace tda::detail {

template <class Word, class Field>
class EntryColumn {
 public:
  using Element = Entry<Word, Field>;

  EntryColumn(const Field& field, Execution& execution)
      : field_(field),
        execution_(&execution),
        queue_(field, execution),
        simplices_(execution.budget()),
        scratch_(execution.budget()) {}

  /// Begins a column whose coboundary begins at `least` or later; the range of ranks is that of the cofacets to come.
  void start(std::span<const Element> simplices, Word least, std::uint32_t, std::uint32_t) {
    simplices_.assign(simplices.begin(), simplices.end());
    tidy_above_ = least_tidy_above;
    work_ = 0;
    queue_.start(least);
  }

  /// The next range of ranks; the coboundary is empty before it.
  void move_range(std::uint32_t, std::uint32_t) noexcept {}
  /// Ranks that a range may have.
  static constexpr std::uint32_t longest_range() noexcept { return UINT32_MAX; }

  void add_simplex(Element simplex) { simplices_.push_back(simplex); }
  void add_cofacet(Element cofacet) {
    queue_.push(cofacet);
    ++work_;
  }

  /// Takes the earliest cofacet.
  std::optional<Element> pop() { return queue_.pop(); }

  /// Calls visit(entry) for the cofacets after the last one taken and below the horizon, in any order; one may come several times.
  template <class Visit>
  void each_cofacet(Visit visit) const {
    queue_.each(visit);
  }

  /// To be called now and then: keeps the memory in proportion to the combination.
  void tidy() {
    if (simplices_.size() <= tidy_above_) return;
    normalize(simplices_, scratch_, field_, *execution_);
    tidy_above_ = std::max(least_tidy_above, 2 * simplices_.size());
  }

  /// The combination, sorted, each simplex once.
  std::span<const Element> simplices() {
    normalize(simplices_, scratch_, field_, *execution_);
    return simplices_;
  }

  /// Cofacets added since the start.
  std::uint64_t work() const noexcept { return work_; }

 private:
  static constexpr std::size_t least_tidy_above = std::size_t{1} << 16;

  Field field_;
  Execution* execution_;
  MonotoneQueue<Word, Field> queue_;
  RawVector<Element> simplices_;
  RawVector<Element> scratch_;
  std::size_t tidy_above_ = least_tidy_above;
  std::uint64_t work_ = 0;
};

}  // namespace tda::detail
