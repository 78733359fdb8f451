// SPDX-License-Identifier: Apache-2.0
//
// GlobalReducer: persistent cohomology of one dimension, for the columns that vanished in their blocks.
//
// Several reducers, each with a thread of its own, share the columns, a queue of them and the table of pivots (reduction/pivot_owners.hpp).
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
// A column that others need keeps the part of its coboundary that they asked for, while there is memory.
// Memory: the entries below the horizon, and the combinations of the columns of the dimension.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "complex/simplex_coder.hpp"
#include "complex/simplex_frame.hpp"
#include "exec/parallel.hpp"
#include "reduction/block_reducer.hpp"
#include "reduction/column.hpp"
#include "reduction/horizon.hpp"
#include "reduction/monotone_queue.hpp"
#include "reduction/pair_observer.hpp"
#include "reduction/pivot_owners.hpp"

namespace tda::detail {

/// What the reducers of one dimension share.
template <class Word, class Field>
struct GlobalReduction {
  unsigned dimension;
  /// Sorted by key; they are reduced from the last to the first.
  const BlockColumns<Word, Field>& columns;
  WorkQueue& queue;
  PivotOwners<Word, Field>& owners;
  /// Sees the columns that reduce to nothing; null, or there is one reducer.
  PairObserver<Word, Field>* observer;
};

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
        subset_size_(reduction.dimension - 1),
        search_(graph, execution),
        queue_(field, execution),
        column_(execution.budget()),
        scratch_(execution.budget()),
        made_(execution.budget()),
        cofacets_(execution.budget()),
        essential_(execution.budget()),
        arena_(&memory) {
    cofacets_.resize(graph.edges().vertex_count);
  }

  /// Reduces columns until the queue is empty.
  void run() {
    const ColumnStore<Word, Field>& survivors = reduction_->columns.survivors;
    while (const auto range = reduction_->queue.next()) {
      execution_->set_columns_done(range->begin);
      execution_->poll(1);
      for (std::size_t i = range->begin; i < range->end; ++i) {
        reduce_column(survivors[survivors.size() - 1 - i], static_cast<std::uint32_t>(i));
      }
    }
  }

  /// Births, by rank, of the classes that never die, of the columns reduced here.
  const RawVector<std::uint32_t>& essential() const noexcept { return essential_; }

 private:
  using Element = Entry<Word, Field>;
  using Column = typename ColumnStore<Word, Field>::Column;
  using Reduced = ReducedColumn<Word, Field>;
  using Coboundary = PartialCoboundary<Word, Field>;

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
    const std::uint32_t rank = coder_->rank(pivot);
    const unsigned size = subset_size_ + 1;
    std::uint32_t t[max_simplex_size];
    coder_->decode(coder_->index(pivot), size, t);
    // The edge first, so that any part of T follows it.
    std::uint32_t vertices[max_simplex_size] = {graph_->edges().low[rank], graph_->edges().high[rank]};
    std::copy(t, t + size, vertices + 2);
    const std::uint32_t top = t[size - 1];
    execution_->poll(search_.work());
    if (!search_.has_common_above(vertices, size + 1, rank, top)) {
      const Word owner = coder_->key(rank, coder_->encode(t, subset_size_));
      add(owner, is_negative(vertices, size + 1, top) ? field_.negate(scale) : scale, rank, pivot + 1);
      return true;
    }
    // The earlier part of an apparent pair is never a pivot: what is left of it are entries whose counterparts the kernel left out.
    if (search_.has_common_above(vertices, size + 2, rank, top)) return true;
    if (const Column* const local = reduction_->columns.pairs.find(pivot)) {
      add_all(local->span(), scale, pivot);
      return true;
    }
    const Reduced* const owner = reduction_->owners.find(pivot);
    if (owner == nullptr || owner->order > order_) return false;
    if (const Coboundary* const coboundary = coboundary_of(*owner)) {
      for (const Element& e : owner->span())
        column_.push_back({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
      const Word end = coder_->block(horizon_.rank());
      for (std::size_t i = 0; i < coboundary->count && coboundary->entries[i].key < end; ++i)
        queue_.push({coboundary->entries[i].key, Field::store(field_.multiply(scale, Field::value(coboundary->entries[i].coefficient)))});
      execution_->poll(owner->count + coboundary->count);
    } else {
      add_all(owner->span(), scale, pivot);
    }
    return true;
  }

  /// The coboundary of a column after its pivot, at least up to the horizon; null where scanning the column again is as good.
  const Coboundary* coboundary_of(const Reduced& column) {
    if (column.count < least_kept_coboundary || column.use() == 0) return nullptr;
    const Coboundary* known = column.shared_coboundary().load(std::memory_order_acquire);
    if (known != nullptr && known->end >= horizon_.rank()) return known;
    if (kept_bytes_ >= most_kept_bytes()) return nullptr;
    const std::uint32_t start = coder_->rank(column.pivot);
    std::uint64_t end = horizon_.rank();
    // Farther than asked for: it is going to be asked for more.
    if (known != nullptr) end = std::min<std::uint64_t>(graph_->edges().count(), std::max(end, known->end + std::uint64_t{known->end - start}));
    made_.clear();
    for (const Element& e : column.span()) {
      scan(e.key, Field::value(e.coefficient), start, static_cast<std::uint32_t>(end), column.pivot + 1, [this](const Element& cofacet) { made_.push_back(cofacet); });
    }
    normalize(made_, scratch_, field_, *execution_);
    Element* const entries = arena_->template allocate<Element>(made_.size());
    std::copy(made_.begin(), made_.end(), entries);
    kept_bytes_ += made_.size() * sizeof(Element);
    Coboundary* const coboundary = arena_->template allocate<Coboundary>(1);
    *coboundary = {entries, made_.size(), static_cast<std::uint32_t>(end)};
    column.shared_coboundary().store(coboundary, std::memory_order_release);
    return coboundary;
  }

  /// Adds `scale` times a column with this pivot, which cancels it.
  void add_all(std::span<const Element> entries, std::uint32_t scale, Word pivot) {
    const std::uint32_t rank = coder_->rank(pivot);
    for (const Element& e : entries) add(e.key, field_.multiply(scale, Field::value(e.coefficient)), rank, pivot + 1);
  }

  /// Adds coefficient · simplex to the column, with those of its cofacets from rank `from` and key `least` on that lie below the horizon.
  void add(Word simplex, std::uint32_t coefficient, std::uint32_t from, Word least) {
    column_.push_back({simplex, Field::store(coefficient)});
    scan(simplex, coefficient, from, horizon_.rank(), least, [this](const Element& cofacet) { queue_.push(cofacet); });
  }

  /// Makes the cofacets of the whole column from rank `from` and key `least` up to the horizon.
  void scan_all(std::uint32_t from, Word least) {
    std::uint64_t made = 0;
    for (const Element& e : column_) {
      made += scan(e.key, Field::value(e.coefficient), from, horizon_.rank(), least,
                   [this](const Element& cofacet) { queue_.push(cofacet); });
    }
    horizon_.observe(made, column_.size());
  }

  /// Calls visit(cofacet) for coefficient · the cofacets of the simplex of rank from … end − 1 whose key is at least `least`. Returns how many there were.
  template <class Visit>
  std::size_t scan(Word simplex, std::uint32_t coefficient, std::uint32_t from, std::uint32_t end, Word least, Visit visit) {
    const std::uint32_t rank = coder_->rank(simplex);
    frame_.set(*coder_, simplex, subset_size_, graph_->edges().low[rank], graph_->edges().high[rank]);
    const std::size_t count =
        search_.cofacets(frame_.vertices(), frame_.size(), rank, from, end, cofacets_.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Word key = frame_.cofacet_key(*coder_, cofacets_[i]);
      if (key < least) continue;
      const bool negative = Field::has_signs && frame_.is_negative_in(cofacets_[i].vertex);
      visit(Element{key, Field::store(negative ? field_.negate(coefficient) : coefficient)});
    }
    execution_->poll(search_.work() + 4 * count);
    return count;
  }

  /// Does an odd number of the vertices come before `vertex`?
  static bool is_negative(const std::uint32_t* vertices, unsigned count, std::uint32_t vertex) noexcept {
    if constexpr (!Field::has_signs) return false;
    unsigned before = 0;
    for (unsigned i = 0; i < count; ++i) before += vertices[i] < vertex;
    return (before & 1) != 0;
  }

  /// Bytes of coboundaries that this reducer may keep.
  std::uint64_t most_kept_bytes() const noexcept { return std::min<std::uint64_t>(kept_bytes_limit, execution_->budget().available() / 8); }

  static constexpr std::size_t least_normalize_above = std::size_t{1} << 16;
  static constexpr std::uint32_t least_kept_coboundary = 48;
  static constexpr std::uint64_t kept_bytes_limit = std::uint64_t{1} << 30;

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  Execution* execution_;
  const GlobalReduction<Word, Field>* reduction_;
  unsigned subset_size_;
  Word simplex_ = 0;         // of the working column
  std::uint32_t order_ = 0;  // likewise
  Horizon horizon_;
  std::size_t normalize_above_ = least_normalize_above;
  Search search_;
  SimplexFrame<Word> frame_;
  MonotoneQueue<Word, Field> queue_;
  RawVector<Element> column_;
  RawVector<Element> scratch_;
  RawVector<Element> made_;
  std::uint64_t kept_bytes_ = 0;
  RawVector<Cofacet> cofacets_;
  RawVector<std::uint32_t> essential_;
  Arena* arena_;
};

}  // namespace tda::detail
