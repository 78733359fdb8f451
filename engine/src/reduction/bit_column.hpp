// SPDX-License-Identifier: Apache-2.0
//
// BitColumn: the working column of a reduction over Z/2 as bitsets.
//
// For columns that fill up: a bit for each simplex of the dimension, and one for each cofacet in a range of ranks. To add is to flip, equal entries cancel at
// once, nothing is sorted, and the memory does not grow. The earliest cofacet is the next bit from where the last one was: pivots only grow.
// (Bit columns with a tree above them: U. Bauer, M. Kerber, J. Reininghaus, H. Wagner, "Phat", J. Symb. Comput. 78 (2017).) The place of a simplex e ∪ S is
// rank(e) · (number of indices) + (last index − index(S)), so that places are in the order of keys.
// Memory: edges · C(n, |S|) bits, and at most 16 MiB for the range.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "complex/simplex_coder.hpp"
#include "exec/execution.hpp"
#include "reduction/field.hpp"

namespace tda::detail {

template <class Word>
class BitColumn {
 public:
  using Element = Entry<Word, FieldTwo>;

  /// Are bitsets small enough for a graph of so many vertices and edges, in this dimension?
  static bool fits(std::uint32_t vertex_count, std::uint32_t edge_count, unsigned dimension, const Budget& budget) noexcept {
    const std::uint64_t bits = std::min<std::uint64_t>(most_simplex_bits, budget.available() / 2);
    const std::uint64_t simplices = index_count(vertex_count, dimension - 1);
    return simplices <= bits / edge_count && index_count(vertex_count, dimension) <= range_bits / least_ranks;
  }

  /// Cofacets added to one column beyond which bitsets take less time: a column walks through a good part of all bits. Measured on independent distances; others
  /// mostly stay below.
  static std::uint64_t least_work(std::uint32_t vertex_count, std::uint32_t edge_count, unsigned dimension) noexcept {
    constexpr std::uint64_t least = 100'000;
    constexpr std::uint64_t bits_of_a_cofacet = 1 << 16;
    return std::max(least, index_count(vertex_count, dimension) / 64 * edge_count / (bits_of_a_cofacet / 64));
  }

  /// Precondition: fits.
  BitColumn(const SimplexCoder<Word>& coder, std::uint32_t vertex_count, std::uint32_t edge_count, unsigned dimension, Execution& execution)
      : coder_(&coder),
        execution_(&execution),
        simplex_indices_(index_count(vertex_count, dimension - 1)),
        cofacet_indices_(index_count(vertex_count, dimension)),
        simplex_bits_(words_of(simplex_indices_ * edge_count), 0, execution.budget()),
        cofacet_bits_(words_of(cofacet_indices_ * std::min<std::uint64_t>(longest_range(), edge_count)), 0, execution.budget()),
        list_(execution.budget()) {}

  std::uint32_t longest_range() const noexcept { return static_cast<std::uint32_t>(range_bits / cofacet_indices_); }

  void start(std::span<const Element> simplices, Word, std::uint32_t begin, std::uint32_t end) {
    clear(simplex_bits_, first_simplex_, last_simplex_ + 1);
    first_simplex_ = simplex_bits_.size();
    last_simplex_ = 0;
    work_ = 0;
    for (const Element& e : simplices) add_simplex(e);
    clear(cofacet_bits_, 0, words_of(cofacet_indices_ * (range_end_ - range_begin_)));
    move_range(begin, end);
  }

  void move_range(std::uint32_t begin, std::uint32_t end) noexcept {
    range_begin_ = begin;
    range_end_ = end;
    at_ = 0;
  }

  void add_simplex(Element simplex) noexcept {
    const std::uint64_t place = place_of(simplex.key, 0, simplex_indices_);
    first_simplex_ = std::min<std::size_t>(first_simplex_, place / 64);
    last_simplex_ = std::max<std::size_t>(last_simplex_, place / 64);
    simplex_bits_[place / 64] ^= std::uint64_t{1} << (place % 64);
  }

  void add_cofacet(Element cofacet) noexcept {
    const std::uint64_t place = place_of(cofacet.key, range_begin_, cofacet_indices_);
    cofacet_bits_[place / 64] ^= std::uint64_t{1} << (place % 64);
    ++work_;
  }

  std::optional<Element> pop() {
    const std::size_t end = words_of(cofacet_indices_ * (range_end_ - range_begin_));
    const std::size_t from = at_;
    while (at_ < end && cofacet_bits_[at_] == 0) ++at_;
    execution_->poll((at_ - from) / 4);
    if (at_ == end) return std::nullopt;
    const std::uint64_t bits = cofacet_bits_[at_];
    cofacet_bits_[at_] = bits & (bits - 1);
    return Element{key_of(64 * at_ + static_cast<std::size_t>(std::countr_zero(bits)), range_begin_, cofacet_indices_), {}};
  }

  void tidy() noexcept {}

  std::span<const Element> simplices() {
    list_.clear();
    for (std::size_t w = first_simplex_; w <= last_simplex_ && w < simplex_bits_.size(); ++w) {
      for (std::uint64_t bits = simplex_bits_[w]; bits != 0; bits &= bits - 1)
        list_.push_back({key_of(64 * w + static_cast<std::size_t>(std::countr_zero(bits)), 0, simplex_indices_), {}});
      if (w % 4096 == 0) execution_->poll(1024);
    }
    execution_->poll(list_.size());
    return list_;
  }

  std::uint64_t work() const noexcept { return work_; }

 private:
  static constexpr std::uint64_t most_simplex_bits = std::uint64_t{1} << 29;  // 64 MiB
  static constexpr std::uint64_t range_bits = std::uint64_t{1} << 27;         // 16 MiB
  static constexpr std::uint64_t least_ranks = 64;
  static constexpr std::uint64_t too_many = std::uint64_t{1} << 40;

  static std::size_t words_of(std::uint64_t bits) noexcept { return static_cast<std::size_t>((bits + 63) / 64); }

  /// C(n, k), at most too_many.
  static std::uint64_t index_count(std::uint64_t n, unsigned k) noexcept {
    std::uint64_t count = 1;
    for (unsigned i = 0; i < k; ++i) {
      if (n <= i) return 1;
      count = count * (n - i) / (i + 1);
      if (count > too_many) return too_many;
    }
    return count;
  }

  std::uint64_t place_of(Word key, std::uint32_t first_rank, std::uint64_t indices) const noexcept {
    return (coder_->rank(key) - first_rank) * indices + (indices - 1 - static_cast<std::uint64_t>(coder_->index(key)));
  }
  Word key_of(std::uint64_t place, std::uint32_t first_rank, std::uint64_t indices) const noexcept {
    const std::uint64_t rank = place / indices;
    return coder_->key(static_cast<std::uint32_t>(first_rank + rank), Word{indices - 1 - (place - rank * indices)});
  }

  void clear(Vector<std::uint64_t>& bits, std::size_t begin, std::size_t end) {
    end = std::min(end, bits.size());
    if (begin >= end) return;
    std::fill(bits.begin() + static_cast<std::ptrdiff_t>(begin), bits.begin() + static_cast<std::ptrdiff_t>(end), 0);
    execution_->poll((end - begin) / 8);
  }

  const SimplexCoder<Word>* coder_;
  Execution* execution_;
  std::uint64_t simplex_indices_;
  std::uint64_t cofacet_indices_;
  Vector<std::uint64_t> simplex_bits_;
  Vector<std::uint64_t> cofacet_bits_;
  RawVector<Element> list_;
  std::size_t first_simplex_ = SIZE_MAX;  // words that may not be zero
  std::size_t last_simplex_ = 0;
  std::uint32_t range_begin_ = 0;
  std::uint32_t range_end_ = 0;
  std::size_t at_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace tda::detail
