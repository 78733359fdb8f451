// SPDX-License-Identifier: Apache-2.0
//
// BlockReducer: the reduction inside one block.
//
// Pairs within a block have zero persistence, and the cofacets of a simplex in its own block come before all others. So a column whose
// coboundary, restricted to the block, keeps a pivot there has its final pivot: it is a *local pair* and never looked at again, except where
// another column needs it. Only the columns that vanish in the block survive to the global reduction. Blocks share nothing.
// Everything runs on the link's own vertex numbers and bitsets; keys are made for what is kept. Memory: the columns of one block.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "complex/link.hpp"
#include "complex/simplex_coder.hpp"
#include "reduction/column.hpp"
#include "reduction/pivot_table.hpp"

namespace tda::detail {

/// What the blocks leave of one dimension.
template <class Word, class Field>
struct BlockColumns {
  explicit BlockColumns(Budget& budget) : survivors(budget), pairs(budget) {}

  void take(BlockColumns&& other) {
    survivors.take(std::move(other.survivors));
    pairs.take(std::move(other.pairs));
  }
  void sort_by_key() {
    survivors.sort_by_key();
    pairs.sort_by_key();
  }

  /// Columns that vanish in their block, by their simplex.
  ColumnStore<Word, Field> survivors;
  /// Columns with a pivot in their block, by that pivot (with coefficient 1).
  ColumnStore<Word, Field> pairs;
};

template <class Word, class Field>
class BlockReducer {
 public:
  BlockReducer(const SimplexCoder<Word>& coder, const Field& field, Execution& execution)
      : coder_(&coder),
        field_(field),
        execution_(&execution),
        heap_(execution.budget()),
        column_(execution.budget()),
        scratch_(execution.budget()),
        kept_(execution.budget()),
        pairs_(execution.budget()),
        table_(execution.budget()),
        pivots_(execution.budget()) {}

  /// Starts a block: no dimension has been reduced yet.
  void start(const Link& link, std::uint32_t rank) {
    link_ = &link;
    rank_ = rank;
    pivots_.clear();
  }

  /// Reduces the columns of the simplices edge ∪ S for the given subsets S, all of `subset_size` vertices: indices in the link's numbering, ascending;
  /// neither part of an apparent pair. To be called for subset_size = 1, 2, … in turn: the pivots of one size are left out of the next (clearing).
  void reduce(unsigned subset_size, std::span<const Word> subsets, BlockColumns<Word, Field>& out) {
    size_ = subset_size;
    kept_.clear();
    pairs_.clear();
    table_.clear();
    auto cleared = pivots_.begin();
    // Ascending indices are descending keys: the latest simplex first, as cohomology has it.
    for (const Word subset : subsets) {
      while (cleared != pivots_.end() && *cleared < subset) ++cleared;
      if (cleared != pivots_.end() && *cleared == subset) continue;
      reduce_column(subset, out);
    }
    pivots_.clear();
    for (const Pair& pair : pairs_) pivots_.push_back(pair.pivot);
    std::sort(pivots_.begin(), pivots_.end());
  }

 private:
  /// Key = index of a subset in the link's numbering.
  using Element = Entry<Word, Field>;
  struct Pair {
    Word pivot;
    std::size_t begin, end;  // in kept_; the pivot's coefficient is 1
  };

  void reduce_column(Word subset, BlockColumns<Word, Field>& out) {
    heap_.clear();
    column_.clear();
    add(subset, 1, ~Word{0});
    while (true) {
      const std::uint32_t coefficient = pop_pivot();
      if (coefficient == 0) break;
      const Word pivot = pivot_;
      const std::uint32_t scale = field_.negate(coefficient);
      if (const std::uint32_t number = table_.find(pivot); number != PivotTable<Word>::none) {
        for (std::size_t i = pairs_[number].begin; i < pairs_[number].end; ++i)
          add(kept_[i].key, field_.multiply(scale, Field::value(kept_[i].coefficient)), pivot);
      } else if (!add_apparent(pivot, scale)) {
        keep(pivot, field_.inverse(coefficient));
        to_graph();
        out.pairs.append(global_key(pivot, size_ + 1), column_, field_, field_.inverse(coefficient));
        return;
      }
    }
    normalize(column_, scratch_, field_, *execution_);
    const Word key = global_key(subset, size_);
    to_graph();
    out.survivors.append(key, column_, field_, 1);
  }

  /// Adds scale · edge ∪ subset to the column, and its cofacets in the block that come after `pivot` to the heap.
  void add(Word subset, std::uint32_t scale, Word pivot) {
    column_.push_back({subset, Field::store(scale)});
    std::uint32_t s[max_simplex_size];
    coder_->decode(subset, size_, s);
    Word bases[max_simplex_size];
    Word after = 0;
    for (unsigned j = 0; j < size_; ++j) after += coder_->binomial(s[j], j + 2);
    Word before = 0;
    for (unsigned j = 0; j < size_; ++j) {
      bases[j] = before + after;
      before += coder_->binomial(s[j], j + 1);
      after -= coder_->binomial(s[j], j + 2);
    }
    bases[size_] = before;

    unsigned place = 0;
    for (std::size_t w = 0; w < link_->words; ++w) {
      std::uint64_t bits = common_word(s, size_, w);
      for (; bits != 0; bits &= bits - 1) {
        const auto u = static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(__builtin_ctzll(bits));
        while (place < size_ && s[place] < u) ++place;
        const Word cofacet = bases[place] + coder_->binomial(u, place + 1);
        if (cofacet >= pivot) continue;
        heap_.push_back({cofacet, Field::store(is_negative(u, place) ? field_.negate(scale) : scale)});
        std::push_heap(heap_.begin(), heap_.end(), earlier);
      }
    }
    execution_->poll(link_->words + 4);
  }

  /// If the pivot T makes an apparent pair with T \ max T, adds that simplex, with the scale that cancels the pivot.
  bool add_apparent(Word pivot, std::uint32_t scale) {
    std::uint32_t t[max_simplex_size];
    coder_->decode(pivot, size_ + 1, t);
    const std::uint32_t top = t[size_];
    for (std::size_t w = link_->words; w-- > top / 64;) {
      std::uint64_t bits = common_word(t, size_, w);
      if (w == top / 64) bits = top % 64 == 63 ? 0 : bits >> (top % 64 + 1);
      if (bits != 0) return false;
    }
    add(coder_->encode(t, size_), is_negative(top, size_) ? field_.negate(scale) : scale, pivot);
    return true;
  }

  /// Takes the earliest entry whose coefficients do not cancel into pivot_, and returns their sum; 0: nothing is left.
  std::uint32_t pop_pivot() {
    std::uint32_t sum = 0;
    while (!heap_.empty() && sum == 0) {
      pivot_ = heap_.front().key;
      while (!heap_.empty() && heap_.front().key == pivot_) {
        sum = field_.add(sum, Field::value(heap_.front().coefficient));
        std::pop_heap(heap_.begin(), heap_.end(), earlier);
        heap_.pop_back();
      }
    }
    return sum;
  }

  void keep(Word pivot, std::uint32_t scale) {
    normalize(column_, scratch_, field_, *execution_);
    const std::size_t begin = kept_.size();
    for (const Element& e : column_)
      kept_.push_back({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
    table_.insert(pivot, static_cast<std::uint32_t>(pairs_.size()));
    pairs_.push_back({pivot, begin, kept_.size()});
  }

  /// From the link's numbering to keys.
  void to_graph() {
    for (Element& e : column_) e.key = global_key(e.key, size_);
  }

  Word global_key(Word subset, unsigned size) const {
    if (link_->vertices != nullptr) {
      std::uint32_t s[max_simplex_size];
      coder_->decode(subset, size, s);
      for (unsigned i = 0; i < size; ++i) s[i] = link_->vertices[s[i]];
      subset = coder_->encode(s, size);
    }
    return coder_->key(rank_, subset);
  }

  std::uint64_t common_word(const std::uint32_t* s, unsigned size, std::size_t w) const noexcept {
    std::uint64_t bits = link_->members[w];
    for (unsigned i = 0; i < size; ++i) bits &= link_->row(s[i])[w];
    return bits;
  }

  /// The sign of removing u, with `place` vertices of S before it, from edge ∪ S ∪ u in the order of the graph's vertices.
  bool is_negative(std::uint32_t u, unsigned place) const noexcept {
    if constexpr (!Field::has_signs) return false;
    const std::uint32_t v = link_->vertex(u);
    return ((place + (link_->low < v) + (link_->high < v)) & 1) != 0;
  }

  /// Heap order: the largest index is the earliest simplex.
  static bool earlier(const Element& a, const Element& b) noexcept { return a.key < b.key; }

  const SimplexCoder<Word>* coder_;
  Field field_;
  Execution* execution_;
  const Link* link_ = nullptr;
  std::uint32_t rank_ = 0;
  unsigned size_ = 0;
  Word pivot_ = 0;
  RawVector<Element> heap_;
  RawVector<Element> column_;
  RawVector<Element> scratch_;
  RawVector<Element> kept_;
  RawVector<Pair> pairs_;
  PivotTable<Word> table_;
  RawVector<Word> pivots_;
};

}  // namespace tda::detail
