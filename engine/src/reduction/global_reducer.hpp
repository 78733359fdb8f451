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
// Columns are reduced one by one (reduction/column_reducer.hpp), as lists of entries; over Z/2 as bitsets after one that filled up, until one does not.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

#include "complex/simplex_coder.hpp"
#include "exec/parallel.hpp"
#include "reduction/bit_column.hpp"
#include "reduction/cofacet_scan.hpp"
#include "reduction/column_reducer.hpp"
#include "reduction/entry_column.hpp"
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
        reduction_(&reduction),
        arena_(&memory),
        execution_(&execution),
        essential_(execution.budget()),
        scan_(graph, coder, reduction.dimension, execution),
        lookup_(graph, coder, field, reduction, scan_, memory, execution),
        entries_(graph, coder, field, reduction, scan_, lookup_, memory, essential_, execution, Entries(field, execution)) {}
  GlobalReducer(const GlobalReducer&) = delete;
  GlobalReducer& operator=(const GlobalReducer&) = delete;

  /// Reduces columns until the queue is empty.
  void run() {
    const ColumnStore<Word, Field>& survivors = reduction_->columns.survivors;
    while (const auto range = reduction_->queue.next()) {
      execution_->set_columns_done(range->begin);
      execution_->poll(1);
      for (std::size_t i = range->begin; i < range->end; ++i) reduce(survivors[survivors.size() - 1 - i], static_cast<std::uint32_t>(i));
    }
  }

  /// Births, by rank, of the classes that never die, of the columns reduced here.
  const RawVector<std::uint32_t>& essential() const noexcept { return essential_; }

 private:
  using Column = typename ColumnStore<Word, Field>::Column;
  using Entries = EntryColumn<Word, Field>;
  template <class Working>
  using Reducer = ColumnReducer<Graph, Search, Word, Field, Working>;
  static constexpr bool has_bits = std::is_same_v<Field, FieldTwo>;

  void reduce(const Column& column, std::uint32_t order) {
    if constexpr (has_bits) {
      if (is_full_ && full_columns_ >= full_columns_before_bits && prepare_bits()) {
        bits_->reduce(column, order);
        is_full_ = is_much(bits_->work());
        return;
      }
    }
    entries_.reduce(column, order);
    is_full_ = is_much(entries_.work());
    full_columns_ += is_full_ ? 1 : 0;
  }

  /// Do columns of so much work suit bitsets?
  bool is_much(std::uint64_t work) const noexcept {
    const auto& edges = graph_->edges();
    return work > BitColumn<Word>::least_work(edges.vertex_count, edges.count(), reduction_->dimension);
  }

  bool prepare_bits()
    requires has_bits
  {
    const std::uint32_t n = graph_->edges().vertex_count;
    const std::uint32_t m = graph_->edges().count();
    if (!bits_ && BitColumn<Word>::fits(n, m, reduction_->dimension, execution_->budget())) {
      bits_.emplace(*graph_, *coder_, field_, *reduction_, scan_, lookup_, *arena_, essential_, *execution_,
                    BitColumn<Word>(*coder_, n, m, reduction_->dimension, *execution_));
    }
    return bits_.has_value();
  }

  // A single class that lives for ever fills one column, and bitsets for it would only take memory.
  static constexpr std::uint64_t full_columns_before_bits = 8;

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  const GlobalReduction<Word, Field>* reduction_;
  Arena* arena_;
  Execution* execution_;
  RawVector<std::uint32_t> essential_;
  CofacetScan<Graph, Search, Word> scan_;
  PivotLookup<Graph, Search, Word, Field> lookup_;
  Reducer<Entries> entries_;
  std::optional<std::conditional_t<has_bits, Reducer<BitColumn<Word>>, char>> bits_;
  bool is_full_ = false;  // the last column was
  std::uint64_t full_columns_ = 0;
};

}  // namespace tda::detail
