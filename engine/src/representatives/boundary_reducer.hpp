// SPDX-License-Identifier: Apache-2.0
//
// BoundaryReducer: homology cycles, from the pairs that cohomology has found.
//
// Columns of the boundary matrix are reduced from the earliest simplex to the latest; a pivot is the latest facet. Over a field the pairs are those of
// cohomology (V. de Silva, D. Morozov, M. Vejdemo-Johansson, "Dualities in persistent (co)homology", Inverse Problems 27 (2011)), so the column that owns a pivot is
// known before it is reduced, and only the columns that a wanted cycle leads to are reduced at all, each once (as in M. Čufar, Ž. Virk, "Fast computation of
// persistent homology representatives with involuted persistent homology", Found. Data Sci. 2023). The column of an apparent pair is its own boundary.
// Cost: that of reducing those columns, at worst cubic in their number. Memory: their entries, on the budget.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "complex/simplex_coder.hpp"
#include "reduction/column.hpp"
#include "reduction/pivot_table.hpp"
#include "representatives/simplex_vertices.hpp"

namespace tda::detail {

/// Pairs that are not apparent: birth → death.
template <class Word>
class PartnerIndex {
 public:
  explicit PartnerIndex(Budget& budget) : pairs_(budget) {}

  void add(Word birth, Word death) { pairs_.push_back({birth, death}); }
  void clear() { pairs_.clear(); }
  void sort(Execution& execution) {
    std::sort(pairs_.begin(), pairs_.end(), [&](const Pair& a, const Pair& b) {
      execution.poll(1);
      return a.birth < b.birth;
    });
  }
  /// The death of this birth, or null. Precondition: sorted. O(log size).
  const Word* find(Word birth) const noexcept {
    const auto place =
        std::lower_bound(pairs_.begin(), pairs_.end(), birth, [](const Pair& pair, Word key) { return pair.birth < key; });
    return place != pairs_.end() && place->birth == birth ? &place->death : nullptr;
  }

 private:
  struct Pair {
    Word birth;
    Word death;
  };
  RawVector<Pair> pairs_;
};

template <class Graph, class Search, class Word, class Field>
class BoundaryReducer {
 public:
  using Element = Entry<Word, Field>;

  /// For cycles that are combinations of simplices of dimension `dimension` >= 1, or, with `keeps_columns`, of dimension + 1. `partners`: the
  /// pairs of dimension `dimension`. Everything outlives the reducer.
  BoundaryReducer(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, unsigned dimension, bool keeps_columns,
                  const PartnerIndex<Word>& partners, Execution& execution)
      : graph_(&graph),
        coder_(&coder),
        field_(field),
        dimension_(dimension),
        keeps_columns_(keeps_columns),
        partners_(&partners),
        execution_(&execution),
        search_(graph, execution),
        scratch_(execution.budget()),
        numbers_(execution.budget()),
        reduced_(execution.budget()),
        combinations_(execution.budget()),
        frames_(execution.budget()),
        cofacets_(execution.budget()) {}

  /// The reduced boundary of `death`, sorted by key; it ends with `birth`, with coefficient 1.
  void boundary_cycle(Word birth, Word death, RawVector<Element>& cycle) {
    const std::uint32_t number = reduce(birth, death);
    cycle.assign(reduced_[number].span().begin(), reduced_[number].span().end());
  }

  /// The combination of `birth`, of dimension + 1, and earlier simplices whose boundary vanishes, sorted by key; `birth` has
  /// coefficient 1. Precondition: keeps_columns.
  void kernel_cycle(Word birth, RawVector<Element>& cycle) {
    Frame frame(execution_->budget());
    frame.death = birth;
    add_boundary(frame, birth, 1);
    frame.combination.push_back({birth, Field::store(1)});
    while (const std::uint32_t coefficient = pop_pivot(frame)) {
      const Word pivot = frame.pivot;
      if (!cancel(frame, coefficient)) {
        const std::uint32_t number = reduce(pivot, partner(pivot));
        add_reduced(frame, number, coefficient);
      }
    }
    normalize(frame.combination, scratch_, field_, *execution_);
    cycle.assign(frame.combination.begin(), frame.combination.end());
  }

 private:
  /// A column that is being reduced.
  struct Frame {
    explicit Frame(Budget& budget) : heap(budget), combination(budget) {}
    Word birth{};  // the pivot that it will have
    Word death{};
    Word pivot{};
    RawVector<Element> heap;
    RawVector<Element> combination;  // with keeps_columns
  };

  /// The number of the reduced column of this pair. Columns that it needs first are on a stack of their own, not on the thread's.
  std::uint32_t reduce(Word birth, Word death) {
    if (const std::uint32_t known = numbers_.find(birth); known != PivotTable<Word>::none) return known;
    open(birth, death);
    while (true) {
      Frame& frame = frames_.back();
      const std::uint32_t coefficient = pop_pivot(frame);
      if (coefficient == 0) throw std::logic_error("a boundary without its pivot");
      if (frame.pivot == frame.birth) {
        close(frame, coefficient);
        frames_.pop_back();
        if (frames_.empty()) return static_cast<std::uint32_t>(reduced_.size() - 1);
        continue;
      }
      if (cancel(frame, coefficient)) continue;
      // Its owner goes first; then the pivot comes again.
      push(frame, frame.pivot, coefficient);
      const Word pivot = frame.pivot;
      open(pivot, partner(pivot));
    }
  }

  void open(Word birth, Word death) {
    Frame& frame = frames_.emplace_back(execution_->budget());
    frame.birth = birth;
    frame.death = death;
    add_boundary(frame, death, 1);
    if (keeps_columns_) frame.combination.push_back({death, Field::store(1)});
  }

  void close(Frame& frame, std::uint32_t coefficient) {
    push(frame, frame.pivot, coefficient);
    normalize(frame.heap, scratch_, field_, *execution_);
    const std::uint32_t scale = field_.inverse(coefficient);
    numbers_.insert(frame.birth, static_cast<std::uint32_t>(reduced_.size()));
    reduced_.append(frame.birth, frame.heap, field_, scale);
    if (!keeps_columns_) return;
    normalize(frame.combination, scratch_, field_, *execution_);
    combinations_.append(frame.birth, frame.combination, field_, scale);
  }

  /// Cancels the frame's pivot, which has been taken out with this coefficient, by a column that is ready. False: there is none.
  bool cancel(Frame& frame, std::uint32_t coefficient) {
    if (const std::uint32_t number = numbers_.find(frame.pivot); number != PivotTable<Word>::none) {
      add_reduced(frame, number, coefficient);
      return true;
    }
    Word cofacet;
    if (!find_apparent(frame.pivot, cofacet)) return false;
    // The coefficient of the pivot in the boundary of its partner is ±1, and its own inverse.
    push(frame, frame.pivot, coefficient);
    const std::uint32_t sign = add_boundary_to(frame, cofacet, frame.pivot, coefficient);
    if (keeps_columns_) frame.combination.push_back({cofacet, Field::store(field_.negate(field_.multiply(coefficient, sign)))});
    return true;
  }

  void add_reduced(Frame& frame, std::uint32_t number, std::uint32_t coefficient) {
    const std::uint32_t scale = field_.negate(coefficient);
    const auto column = reduced_[number].span();
    // The last entry is the pivot, which is out already.
    for (std::size_t i = 0; i + 1 < column.size(); ++i)
      push(frame, column[i].key, field_.multiply(scale, Field::value(column[i].coefficient)));
    execution_->poll(4 * column.size());
    if (!keeps_columns_) return;
    for (const Element& e : combinations_[number].span())
      frame.combination.push_back({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
    execution_->poll(combinations_[number].count);
  }

  Word partner(Word birth) const {
    const Word* const death = partners_->find(birth);
    if (death == nullptr) throw std::logic_error("a pivot without an owner");
    return *death;
  }

  /// If the simplex e ∪ S makes an apparent pair with e ∪ S ∪ u, finds that: u is the greatest common neighbour of S in the link of e.
  bool find_apparent(Word simplex, Word& cofacet) {
    const std::uint32_t rank = coder_->rank(simplex);
    const unsigned subset_size = dimension_ - 1;
    std::uint32_t vertices[max_simplex_size];
    coder_->decode(coder_->index(simplex), subset_size, vertices);
    vertices[subset_size] = graph_->edges().low[rank];
    vertices[subset_size + 1] = graph_->edges().high[rank];
    if (cofacets_.empty()) cofacets_.resize(graph_->edges().vertex_count);
    // The greatest is never among those that the kernel may leave out.
    const std::size_t count = search_.cofacets(vertices, subset_size + 2, rank, rank, rank + 1, cofacets_.data());
    execution_->poll(search_.work() + count);
    if (count == 0) return false;
    std::uint32_t greatest = 0;
    for (std::size_t i = 0; i < count; ++i) greatest = std::max(greatest, cofacets_[i].vertex);
    if (subset_size > 0 && greatest < vertices[subset_size - 1]) return false;
    vertices[subset_size] = greatest;
    cofacet = coder_->key(rank, coder_->encode(vertices, subset_size + 1));
    return true;
  }

  void add_boundary(Frame& frame, Word simplex, std::uint32_t scale) { each_facet(simplex, [&](Word facet, bool is_negative) {
      push(frame, facet, is_negative ? field_.negate(scale) : scale);
    });
  }

  /// Adds the multiple of the boundary of `simplex` that cancels `coefficient` times `facet`. Returns the facet's sign in the boundary.
  std::uint32_t add_boundary_to(Frame& frame, Word simplex, Word facet, std::uint32_t coefficient) {
    std::uint32_t sign = 1;
    each_facet(simplex, [&](Word key, bool is_negative) {
      if (key == facet && is_negative) sign = field_.negate(1);
    });
    add_boundary(frame, simplex, field_.negate(field_.multiply(coefficient, sign)));
    return sign;
  }

  template <class Visit>
  void each_facet(Word simplex, Visit visit) {
    std::uint32_t vertices[max_simplex_size];
    simplex_vertices(*coder_, graph_->edges(), simplex, dimension_ + 1, vertices);
    Word keys[max_simplex_size];
    facet_keys(*graph_, *coder_, vertices, dimension_ + 1, keys);
    for (unsigned i = 0; i <= dimension_ + 1; ++i) visit(keys[i], (i & 1) != 0);
    execution_->poll(64);
  }

  void push(Frame& frame, Word key, std::uint32_t value) {
    frame.heap.push_back({key, Field::store(value)});
    std::push_heap(frame.heap.begin(), frame.heap.end(), earlier);
  }

  /// Takes the latest entry whose coefficients do not cancel, and returns their sum; 0: nothing is left.
  std::uint32_t pop_pivot(Frame& frame) {
    RawVector<Element>& heap = frame.heap;
    std::uint32_t sum = 0;
    while (!heap.empty() && sum == 0) {
      frame.pivot = heap.front().key;
      while (!heap.empty() && heap.front().key == frame.pivot) {
        sum = field_.add(sum, Field::value(heap.front().coefficient));
        std::pop_heap(heap.begin(), heap.end(), earlier);
        heap.pop_back();
        execution_->poll(4);
      }
    }
    return sum;
  }

  static bool earlier(const Element& a, const Element& b) noexcept { return a.key < b.key; }

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  unsigned dimension_;
  bool keeps_columns_;
  const PartnerIndex<Word>* partners_;
  Execution* execution_;
  Search search_;
  RawVector<Element> scratch_;
  PivotTable<Word> numbers_;
  ColumnStore<Word, Field> reduced_;
  ColumnStore<Word, Field> combinations_;
  Vector<Frame> frames_;
  RawVector<Cofacet> cofacets_;
};

}  // namespace tda::detail
