// SPDX-License-Identifier: Apache-2.0
//
// GlobalReducer: persistent cohomology of one dimension, for the columns that vanished in their blocks.
//
// Columns of the coboundary matrix are reduced from the latest simplex to the earliest; a pivot is the earliest cofacet. The pairs are those of persistent
// homology (V. de Silva, D. Morozov, M. Vejdemo-Johansson, "Dualities in persistent (co)homology", Inverse Problems 27 (2011)). A simplex that is a pivot in
// one dimension is no column in the next (clearing: C. Chen, M. Kerber, "Persistent homology computation with a twist", EuroCG 2011).
// The column that owns a pivot is found in this order: an apparent pair (recomputed from the graph, never stored), a local pair, a column
// reduced before.
//
// Columns are stored as combinations of simplices, not as their coboundaries. *Lazy horizon*: of the coboundary of the working column only the cofacets whose
// rank is in [pivot, horizon) are made. When nothing is left below the horizon, the combination is normalised and scanned again for the next range. What
// lies beyond the final pivot is mostly never made, and the result is the same: the whole combination is scanned for each range.
// Memory: the entries below the horizon, and the combinations of the columns of the dimension.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "complex/simplex_coder.hpp"
#include "complex/simplex_frame.hpp"
#include "reduction/block_reducer.hpp"
#include "reduction/column.hpp"
#include "reduction/horizon.hpp"
#include "reduction/monotone_queue.hpp"
#include "reduction/pivot_table.hpp"
#include "reduction/rank_pair.hpp"

namespace tda::detail {

template <class Graph, class Word, class Field>
class GlobalReducer {
 public:
  GlobalReducer(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, Execution& execution)
      : graph_(&graph),
        coder_(&coder),
        field_(field),
        execution_(&execution),
        queue_(field, execution),
        column_(execution.budget()),
        cofacets_(execution.budget()) {
    cofacets_.resize(graph.edges().vertex_count);
  }

  /// Reduces the survivors of dimension `dimension` and appends its pairs to `pairs`. `cleared`: pivots of the dimension below. Returns the
  /// pivots of this one.
  PivotTable<Word> reduce(unsigned dimension, BlockColumns<Word, Field>& columns, const PivotTable<Word>& cleared,
                          Vector<RankPair>& pairs) {
    subset_size_ = dimension - 1;
    local_ = &columns.pairs;
    ColumnStore<Word, Field> reduced(execution_->budget());
    PivotTable<Word> pivots(execution_->budget());
    reduced_ = &reduced;
    pivots_ = &pivots;
    const std::size_t count = columns.survivors.size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto& column = columns.survivors[count - 1 - i];
      execution_->set_columns_done(i);
      execution_->poll(1);
      if (cleared.find(column.key) == PivotTable<Word>::none) reduce_column(column, pairs);
    }
    return pivots;
  }

 private:
  using Element = Entry<Word, Field>;
  using Column = typename ColumnStore<Word, Field>::Column;

  void reduce_column(const Column& column, Vector<RankPair>& pairs) {
    const std::uint32_t birth = coder_->rank(column.key);
    const std::uint32_t end = graph_->edges().count();
    column_.assign(column.span().begin(), column.span().end());
    horizon_.start(birth, end);
    normalize_above_ = least_normalize_above;
    queue_.start(coder_->block(birth));
    // The coboundary vanishes in the block of the column's own edge.
    if (birth + 1 < end) scan_all(birth + 1);
    while (true) {
      const auto pivot = queue_.pop();
      if (!pivot) {
        if (horizon_.rank() == end) {
          pairs.push_back({birth, RankPair::never});
          return;
        }
        normalize(column_, field_, *execution_);
        const std::uint32_t from = horizon_.extend();
        scan_all(from);
        continue;
      }
      const std::uint32_t coefficient = Field::value(pivot->coefficient);
      if (!cancel(pivot->key, field_.negate(coefficient))) {
        normalize(column_, field_, *execution_);
        pivots_->insert(pivot->key, static_cast<std::uint32_t>(reduced_->size()));
        reduced_->append(pivot->key, column_, field_, field_.inverse(coefficient));
        pairs.push_back({birth, coder_->rank(pivot->key)});
        return;
      }
      if (column_.size() > normalize_above_) {
        normalize(column_, field_, *execution_);
        normalize_above_ = std::max(least_normalize_above, 2 * column_.size());
      }
    }
  }

  /// Adds `scale` times the column that owns the pivot; false: no column owns it.
  bool cancel(Word pivot, std::uint32_t scale) {
    const std::uint32_t rank = coder_->rank(pivot);
    const unsigned size = subset_size_ + 1;
    std::uint32_t t[max_simplex_size];
    coder_->decode(coder_->index(pivot), size, t);
    // The edge first, so that any part of T follows it.
    std::uint32_t vertices[max_simplex_size] = {graph_->edges().low[rank], graph_->edges().high[rank]};
    std::copy(t, t + size, vertices + 2);
    const std::uint32_t top = t[size - 1];
    execution_->poll(graph_->scan_work());
    if (!graph_->has_common_above(vertices, size + 1, rank, top)) {
      const Word owner = coder_->key(rank, coder_->encode(t, subset_size_));
      add(owner, is_negative(vertices, size + 1, top) ? field_.negate(scale) : scale, rank, pivot + 1);
      return true;
    }
    // The earlier part of an apparent pair is never a pivot: what is left of it are entries whose counterparts the kernel left out.
    if (graph_->has_common_above(vertices, size + 2, rank, top)) return true;
    const Column* owner = local_->find(pivot);
    if (owner == nullptr) {
      const std::uint32_t number = pivots_->find(pivot);
      if (number == PivotTable<Word>::none) return false;
      owner = &(*reduced_)[number];
    }
    for (const Element& e : owner->span()) add(e.key, field_.multiply(scale, Field::value(e.coefficient)), rank, pivot + 1);
    return true;
  }

  /// Adds coefficient · simplex to the column, with those of its cofacets from rank `from` and key `least` on that lie below the horizon.
  void add(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    column_.push_back({simplex, Field::store(coefficient)});
    scan(simplex, coefficient, from, least);
  }

  /// Makes the cofacets of the whole column from rank `from` up to the horizon.
  void scan_all(std::uint32_t from) {
    std::uint64_t made = 0;
    for (const Element& e : column_) made += scan(e.key, Field::value(e.coefficient), from, coder_->block(from));
    horizon_.observe(made, column_.size());
  }

  std::size_t scan(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    const std::uint32_t rank = coder_->rank(simplex);
    frame_.set(*coder_, simplex, subset_size_, graph_->edges().low[rank], graph_->edges().high[rank]);
    const std::size_t count =
        graph_->cofacets(frame_.vertices(), frame_.size(), rank, from, horizon_.rank(), cofacets_.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Word key = frame_.cofacet_key(*coder_, cofacets_[i]);
      if (key < least) continue;
      const bool negative = Field::has_signs && frame_.is_negative_in(cofacets_[i].vertex);
      queue_.push({key, Field::store(negative ? field_.negate(coefficient) : coefficient)});
    }
    execution_->poll(graph_->scan_work() + 4 * count);
    return count;
  }

  /// Does an odd number of the vertices come before `vertex`?
  static bool is_negative(const std::uint32_t* vertices, unsigned count, std::uint32_t vertex) noexcept {
    if constexpr (!Field::has_signs) return false;
    unsigned before = 0;
    for (unsigned i = 0; i < count; ++i) before += vertices[i] < vertex;
    return (before & 1) != 0;
  }

  static constexpr std::size_t least_normalize_above = std::size_t{1} << 16;

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  Execution* execution_;
  unsigned subset_size_ = 0;
  const ColumnStore<Word, Field>* local_ = nullptr;
  ColumnStore<Word, Field>* reduced_ = nullptr;
  PivotTable<Word>* pivots_ = nullptr;
  Horizon horizon_;
  std::size_t normalize_above_ = least_normalize_above;
  SimplexFrame<Word> frame_;
  MonotoneQueue<Word, Field> queue_;
  RawVector<Element> column_;
  RawVector<Cofacet> cofacets_;
};

}  // namespace tda::detail
