// SPDX-License-Identifier: Apache-2.0
//
// ColumnReducer: the reduction of one column after the other to its pivot.
//
// Columns are stored as combinations of simplices, not as their coboundaries. *Lazy horizon*: of the coboundary of the working column only the cofacets whose
// rank is in [pivot, horizon) are made. When nothing is left below the horizon, the combination is put in order and scanned again for the next range. What
// lies beyond the final pivot is mostly never made, and the result is the same: the whole combination is scanned for each range.
// `Working` is how the working column is kept: EntryColumn or BitColumn.
// Memory: the entries below the horizon, and the combinations of the columns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "complex/simplex_coder.hpp"
#include "exec/arena.hpp"
#include "reduction/cofacet_scan.hpp"
#include "reduction/column.hpp"
#include "reduction/horizon.hpp"
#include "reduction/pivot_lookup.hpp"

namespace tda::detail {

template <class Graph, class Search, class Word, class Field, class Working>
class ColumnReducer {
 public:
  using Column = typename ColumnStore<Word, Field>::Column;

  /// `memory`: for the columns that are made here; it outlives the table of owners. `essential` gets the births, by rank, of the classes that never die.
  ColumnReducer(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, const GlobalReduction<Word, Field>& reduction,
                CofacetScan<Graph, Search, Word>& scan, PivotLookup<Graph, Search, Word, Field>& lookup, Arena& memory,
                RawVector<std::uint32_t>& essential, Execution& execution, Working working)
      : edge_count_(graph.edges().count()),
        coder_(&coder),
        field_(field),
        reduction_(&reduction),
        scan_(&scan),
        lookup_(&lookup),
        arena_(&memory),
        essential_(&essential),
        execution_(&execution),
        working_(std::move(working)) {}

  /// Reduces the column, and those that are displaced by it.
  void reduce(const Column& column, std::uint32_t order) {
    simplex_ = column.key;
    order_ = order;
    const std::uint32_t birth = coder_->rank(column.key);
    horizon_.start(birth, edge_count_, working_.longest_range());
    working_.start(column.span(), coder_->block(birth), birth, horizon_.rank());
    // The coboundary vanishes in the block of the column's own edge.
    if (birth + 1 < edge_count_) scan_all(birth + 1, coder_->block(birth + 1));
    while (!reduce_further()) {
    }
  }

  /// Cofacets that the last column took.
  std::uint64_t work() const noexcept { return working_.work(); }

 private:
  using Element = Entry<Word, Field>;
  using Reduced = ReducedColumn<Word, Field>;

  /// Reduces the working column to a pivot of its own or to nothing. False: it displaced another column, which is the working column now.
  bool reduce_further() {
    while (true) {
      const auto pivot = working_.pop();
      if (!pivot) {
        if (horizon_.rank() == edge_count_) {
          essential_->push_back(coder_->rank(simplex_));
          if (reduction_->observer != nullptr) reduction_->observer->observe(simplex_, std::nullopt, working_.simplices());
          return true;
        }
        const std::uint32_t from = horizon_.extend();
        working_.move_range(from, horizon_.rank());
        scan_all(from, coder_->block(from));
        continue;
      }
      const std::uint32_t coefficient = Field::value(pivot->coefficient);
      if (!cancel(pivot->key, field_.negate(coefficient))) {
        const std::uint32_t scale = field_.inverse(coefficient);
        const Reduced& reduced = keep(pivot->key, scale);
        const Reduced* const before = reduction_->owners.claim(reduced);
        if constexpr (requires { working_.each_cofacet([](const Element&) {}); }) {
          if (before == nullptr || before->order > order_) lookup_->keep_coboundary(reduced, working_, scale, horizon_.rank());
        }
        if (before == nullptr) return true;
        if (before->order > order_) {
          take_over(*before);
          return false;
        }
        // Another worker was faster.
        add_all(before->span(), field_.negate(coefficient), pivot->key);
        continue;
      }
      working_.tidy();
    }
  }

  /// Makes a displaced column the working column. Its coboundary begins at its pivot.
  void take_over(const Reduced& column) {
    simplex_ = column.simplex;
    order_ = column.order;
    const std::uint32_t rank = coder_->rank(column.pivot);
    horizon_.start(rank, edge_count_, working_.longest_range());
    working_.start(column.span(), column.pivot, rank, horizon_.rank());
    scan_all(rank, column.pivot);
  }

  /// A copy of the working column, scaled, for the table.
  const Reduced& keep(Word pivot, std::uint32_t scale) {
    const std::span<const Element> simplices = working_.simplices();
    Element* const entries = arena_->template allocate<Element>(simplices.size());
    for (std::size_t i = 0; i < simplices.size(); ++i)
      entries[i] = {simplices[i].key, Field::store(field_.multiply(scale, Field::value(simplices[i].coefficient)))};
    Reduced* const reduced = arena_->template allocate<Reduced>(1);
    *reduced = {pivot, simplex_, entries, static_cast<std::uint32_t>(simplices.size()), order_, nullptr, 0};
    return *reduced;
  }

  /// Adds `scale` times the column that owns the pivot; false: no column owns it.
  bool cancel(Word pivot, std::uint32_t scale) {
    const PivotOwner<Word, Field> owner = lookup_->find(pivot);
    switch (owner.kind) {
      case PivotOwnerKind::none:
        return false;
      case PivotOwnerKind::apparent_part:
        return true;
      case PivotOwnerKind::apparent_pair:
        add(owner.simplex, owner.negative ? field_.negate(scale) : scale, coder_->rank(pivot), pivot + 1);
        return true;
      case PivotOwnerKind::local_pair:
        add_all(owner.entries, scale, pivot);
        return true;
      case PivotOwnerKind::reduced_column:
        if (owner.reduced->order > order_) return false;
        add_reduced(*owner.reduced, scale, pivot);
        return true;
    }
    return false;
  }

  void add_reduced(const Reduced& owner, std::uint32_t scale, Word pivot) {
    const auto* const coboundary = lookup_->coboundary_of(owner, horizon_.rank());
    if (coboundary == nullptr) return add_all(owner.span(), scale, pivot);
    for (const Element& e : owner.span()) working_.add_simplex({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
    const Word end = coder_->block(horizon_.rank());
    std::size_t i = 0;
    for (; i < coboundary->count && coboundary->entries[i].key < end; ++i)
      working_.add_cofacet({coboundary->entries[i].key, Field::store(field_.multiply(scale, Field::value(coboundary->entries[i].coefficient)))});
    execution_->poll(owner.count + i);
  }

  /// Adds `scale` times a column with this pivot, which cancels it.
  void add_all(std::span<const Element> entries, std::uint32_t scale, Word pivot) {
    const std::uint32_t rank = coder_->rank(pivot);
    for (const Element& e : entries) add(e.key, field_.multiply(scale, Field::value(e.coefficient)), rank, pivot + 1);
  }

  /// Adds coefficient · simplex to the column, with those of its cofacets from rank `from` and key `least` on that lie below the horizon.
  void add(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    working_.add_simplex({simplex, Field::store(coefficient)});
    scan(simplex, coefficient, from, least);
  }

  /// Makes the cofacets of the whole column from rank `from` and key `least` up to the horizon.
  void scan_all(std::uint32_t from, Word least) {
    std::uint64_t made = 0;
    const std::span<const Element> simplices = working_.simplices();
    for (const Element& e : simplices) made += scan(e.key, Field::value(e.coefficient), from, least);
    horizon_.observe(made, simplices.size());
  }

  std::size_t scan(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    return scan_->scan(field_, simplex, coefficient, from, horizon_.rank(), least,
                       [this](const Element& cofacet) { working_.add_cofacet(cofacet); });
  }

  std::uint32_t edge_count_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  const GlobalReduction<Word, Field>* reduction_;
  CofacetScan<Graph, Search, Word>* scan_;
  PivotLookup<Graph, Search, Word, Field>* lookup_;
  Arena* arena_;
  RawVector<std::uint32_t>* essential_;
  Execution* execution_;
  Word simplex_ = 0;         // of the working column
  std::uint32_t order_ = 0;  // likewise
  Horizon horizon_;
  Working working_;
};

}  // namespace tda::detail
