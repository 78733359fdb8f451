// SPDX-License-Identifier: Apache-2.0
//
// GlobalReducer: persistent cohomology of one dimension, for the columns that vanished in their blocks.
//
// Several reducers, each with a thread of its own, share the columns, a queue of them and the table of pivots (reduction/pivot_owners.hpp).
//
// Columns of the coboundary matrix are reduced from the latest simplex to the earliest; a pivot is the earliest cofacet. The pairs are those of persistent
// homology (V. de Silva, D. Morozov, M. Vejdemo-Johansson, "Dualities in persistent (co)homology", Inverse Problems 27 (2011)). A simplex that is a pivot in
// one dimension is no column in the next (clearing: C. Chen, M. Kerber, "Persistent homology computation with a twist", EuroCG 2011).
// What cancels a pivot is the matter of reduction/pivot_lookup.hpp.
//
// Columns are stored as combinations of simplices, not as their coboundaries. *Lazy horizon*: of the coboundary of the working column only the cofacets whose
// rank is in [pivot, horizon) are made. When nothing is left below the horizon, the combination is normalised and scanned again for the next range. What
// lies beyond the final pivot is mostly never made, and the result is the same: the whole combination is scanned for each range.
// Memory: the entries below the horizon, and the combinations of the columns of the dimension.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "complex/simplex_coder.hpp"
#include "exec/parallel.hpp"
#include "reduction/cofacet_scan.hpp"
#include "reduction/column.hpp"
#include "reduction/horizon.hpp"
#include "reduction/monotone_queue.hpp"
#include "reduction/pivot_lookup.hpp"

namespace tda::detail {

template <class Graph, class Search, class Word, class Field>
class GlobalReducer {
 public:
  /// `memory`: for the columns that are made here; it outlives the table of owners and is used by nobody else meanwhile.
  GlobalReducer(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, const GlobalReduction<Word, Field>& reduction,
                Arena& memory, Execution& execution)
      : graph_(&graph),
        coder_(&coder),
        field_(field),
        execution_(&execution),
        reduction_(&reduction),
        arena_(&memory),
        scan_(graph, coder, reduction.dimension, execution),
        lookup_(graph, coder, field, reduction, scan_, memory, execution),
        queue_(field, execution),
        column_(execution.budget()),
        scratch_(execution.budget()),
        essential_(execution.budget()) {}

  /// Reduces columns until the queue is empty.
  void run() {
    while (const auto range = reduction_->queue.next()) {
      execution_->set_columns_done(range->begin);
      execution_->poll(1);
      for (std::size_t i = range->begin; i < range->end; ++i) reduce_column(column_at(i), static_cast<std::uint32_t>(i));
    }
  }

  /// Births, by rank, of the classes that never die, of the columns reduced here.
  const RawVector<std::uint32_t>& essential() const noexcept { return essential_; }

 private:
  using Element = Entry<Word, Field>;
  using Column = typename ColumnStore<Word, Field>::Column;
  using Reduced = ReducedColumn<Word, Field>;

  const Column& column_at(std::size_t order) const noexcept {
    const ColumnStore<Word, Field>& survivors = reduction_->columns.survivors;
    return survivors[survivors.size() - 1 - order];
  }

  void reduce_column(const Column& column, std::uint32_t order) {
    simplex_ = column.key;
    order_ = order;
    column_.assign(column.span().begin(), column.span().end());
    const std::uint32_t birth = coder_->rank(column.key);
    horizon_.start(birth, graph_->edges().count());
    normalize_above_ = least_normalize_above;
    queue_.start(coder_->block(birth));
    // The coboundary vanishes in the block of the column's own edge.
    if (birth + 1 < graph_->edges().count()) scan_all(birth + 1, coder_->block(birth + 1));
    while (!reduce_further()) {
    }
  }

  /// Reduces the working column to a pivot of its own or to nothing. False: it displaced another column, which is the working column now.
  bool reduce_further() {
    while (true) {
      const auto pivot = queue_.pop();
      if (!pivot) {
        if (horizon_.rank() == graph_->edges().count()) {
          essential_.push_back(coder_->rank(simplex_));
          if (reduction_->observer != nullptr) {
            normalize(column_, scratch_, field_, *execution_);
            reduction_->observer->observe(simplex_, std::nullopt, column_);
          }
          return true;
        }
        normalize(column_, scratch_, field_, *execution_);
        const std::uint32_t from = horizon_.extend();
        scan_all(from, coder_->block(from));
        continue;
      }
      const std::uint32_t coefficient = Field::value(pivot->coefficient);
      if (!cancel(pivot->key, field_.negate(coefficient))) {
        normalize(column_, scratch_, field_, *execution_);
        const Reduced& reduced = keep(pivot->key, field_.inverse(coefficient));
        const Reduced* const before = reduction_->owners.claim(reduced);
        if (before == nullptr) return true;
        if (before->order > order_) {
          take_over(*before);
          return false;
        }
        // Another worker was faster.
        add_all(before->span(), field_.negate(coefficient), pivot->key);
        continue;
      }
      if (column_.size() > normalize_above_) {
        normalize(column_, scratch_, field_, *execution_);
        normalize_above_ = std::max(least_normalize_above, 2 * column_.size());
      }
    }
  }

  /// Makes a displaced column the working column. Its coboundary begins at its pivot.
  void take_over(const Reduced& column) {
    simplex_ = column.simplex;
    order_ = column.order;
    column_.assign(column.span().begin(), column.span().end());
    const std::uint32_t rank = coder_->rank(column.pivot);
    horizon_.start(rank, graph_->edges().count());
    normalize_above_ = least_normalize_above;
    queue_.start(column.pivot);
    scan_all(rank, column.pivot);
  }

  /// A copy of the working column, scaled, for the table.
  const Reduced& keep(Word pivot, std::uint32_t scale) {
    Element* const entries = arena_->template allocate<Element>(column_.size());
    for (std::size_t i = 0; i < column_.size(); ++i)
      entries[i] = {column_[i].key, Field::store(field_.multiply(scale, Field::value(column_[i].coefficient)))};
    Reduced* const reduced = arena_->template allocate<Reduced>(1);
    *reduced = {pivot, simplex_, entries, static_cast<std::uint32_t>(column_.size()), order_, nullptr, 0};
    return *reduced;
  }

  /// Adds `scale` times the column that owns the pivot; false: no column owns it.
  bool cancel(Word pivot, std::uint32_t scale) {
    const PivotOwner<Word, Field> owner = lookup_.find(pivot);
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
    const auto* const coboundary = lookup_.coboundary_of(owner, horizon_.rank());
    if (coboundary == nullptr) return add_all(owner.span(), scale, pivot);
    for (const Element& e : owner.span()) column_.push_back({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
    const Word end = coder_->block(horizon_.rank());
    std::size_t i = 0;
    for (; i < coboundary->count && coboundary->entries[i].key < end; ++i)
      queue_.push({coboundary->entries[i].key, Field::store(field_.multiply(scale, Field::value(coboundary->entries[i].coefficient)))});
    execution_->poll(owner.count + i);
  }

  /// Adds `scale` times a column with this pivot, which cancels it.
  void add_all(std::span<const Element> entries, std::uint32_t scale, Word pivot) {
    const std::uint32_t rank = coder_->rank(pivot);
    for (const Element& e : entries) add(e.key, field_.multiply(scale, Field::value(e.coefficient)), rank, pivot + 1);
  }

  /// Adds coefficient · simplex to the column, with those of its cofacets from rank `from` and key `least` on that lie below the horizon.
  void add(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    column_.push_back({simplex, Field::store(coefficient)});
    scan(simplex, coefficient, from, least);
  }

  /// Makes the cofacets of the whole column from rank `from` and key `least` up to the horizon.
  void scan_all(std::uint32_t from, Word least) {
    std::uint64_t made = 0;
    for (const Element& e : column_) made += scan(e.key, Field::value(e.coefficient), from, least);
    horizon_.observe(made, column_.size());
  }

  std::size_t scan(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    return scan_.scan(field_, simplex, coefficient, from, horizon_.rank(), least, [this](const Element& cofacet) { queue_.push(cofacet); });
  }

  static constexpr std::size_t least_normalize_above = std::size_t{1} << 16;

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  Execution* execution_;
  const GlobalReduction<Word, Field>* reduction_;
  Arena* arena_;
  Word simplex_ = 0;         // of the working column
  std::uint32_t order_ = 0;  // likewise
  Horizon horizon_;
  std::size_t normalize_above_ = least_normalize_above;
  CofacetScan<Graph, Search, Word> scan_;
  PivotLookup<Graph, Search, Word, Field> lookup_;
  MonotoneQueue<Word, Field> queue_;
  RawVector<Element> column_;
  RawVector<Element> scratch_;
  RawVector<std::uint32_t> essential_;
};

}  // namespace tda::detail
