// SPDX-License-Identifier: Apache-2.0
//
// PivotLookup: what cancels a pivot.
//
// In this order: an apparent pair (recomputed from the graph, never stored), a local pair, a column reduced before. A column that is needed again and again keeps
// the part of its coboundary that was asked for, while there is memory: adding it is then a copy, not a scan of its simplices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "exec/arena.hpp"
#include "reduction/block_reducer.hpp"
#include "reduction/cofacet_scan.hpp"
#include "reduction/column.hpp"
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

enum class PivotOwnerKind {
  /// No column has the pivot.
  none,
  /// The entry is what is left of some whose counterparts were never made, and is dropped: the earlier part of an apparent pair is never a pivot.
  apparent_part,
  /// One simplex.
  apparent_pair,
  /// A combination of simplices with coefficient 1 at the pivot.
  local_pair,
  reduced_column,
};

template <class Word, class Field>
struct PivotOwner {
  PivotOwnerKind kind;
  Word simplex = 0;       // of the apparent pair
  bool negative = false;  // its coefficient at the pivot is −1
  std::span<const Entry<Word, Field>> entries = {};
  const ReducedColumn<Word, Field>* reduced = nullptr;
};

template <class Graph, class Search, class Word, class Field>
class PivotLookup {
 public:
  using Coboundary = PartialCoboundary<Word, Field>;

  /// `scan` and `memory` are used by nobody else meanwhile; `memory` outlives the table of owners.
  PivotLookup(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, const GlobalReduction<Word, Field>& reduction,
              CofacetScan<Graph, Search, Word>& scan, Arena& memory, Execution& execution)
      : graph_(&graph),
        coder_(&coder),
        field_(field),
        reduction_(&reduction),
        scan_(&scan),
        arena_(&memory),
        execution_(&execution),
        made_(execution.budget()),
        scratch_(execution.budget()) {}

  PivotOwner<Word, Field> find(Word pivot) {
    const unsigned subset_size = reduction_->dimension - 1;
    const std::uint32_t rank = coder_->rank(pivot);
    const unsigned size = subset_size + 1;
    std::uint32_t t[max_simplex_size];
    coder_->decode(coder_->index(pivot), size, t);
    // The edge first, so that any part of T follows it.
    std::uint32_t vertices[max_simplex_size] = {graph_->edges().low[rank], graph_->edges().high[rank]};
    std::copy(t, t + size, vertices + 2);
    const std::uint32_t top = t[size - 1];
    execution_->poll(scan_->search().work());
    if (!scan_->search().has_common_above(vertices, size + 1, rank, top)) {
      return {.kind = PivotOwnerKind::apparent_pair,
              .simplex = coder_->key(rank, coder_->encode(t, subset_size)),
              .negative = has_negative_sign<Field>(vertices, size + 1, top)};
    }
    if (scan_->search().has_common_above(vertices, size + 2, rank, top)) return {.kind = PivotOwnerKind::apparent_part};
    if (const auto* const local = reduction_->columns.pairs.find(pivot))
      return {.kind = PivotOwnerKind::local_pair, .entries = local->span()};
    if (const auto* const reduced = reduction_->owners.find(pivot))
      return {.kind = PivotOwnerKind::reduced_column, .entries = reduced->span(), .reduced = reduced};
    return {.kind = PivotOwnerKind::none};
  }

  /// Keeps what is left of the coboundary of a column that has just been reduced, up to the horizon: it would be made again when the column is needed.
  /// `scale`: of the column in the table.
  template <class Working>
  void keep_coboundary(const ReducedColumn<Word, Field>& column, const Working& working, std::uint32_t scale, std::uint32_t horizon) {
    if (!Search::is_slow || column.count < least_kept_coboundary || !may_keep()) return;
    made_.clear();
    const std::size_t most = std::size_t{most_kept_entries} * column.count;
    working.each_cofacet([&](const Entry<Word, Field>& e) {
      if (made_.size() <= most) made_.push_back({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
    });
    if (made_.size() <= most) keep(column, {}, horizon);
  }

  /// The coboundary of a column after its pivot, at least up to rank `needed`; null where scanning the column again is as good.
  const Coboundary* coboundary_of(const ReducedColumn<Word, Field>& column, std::uint32_t needed) {
    if (column.count < least_kept_coboundary) return nullptr;
    const Coboundary* const known = column.shared_coboundary().load(std::memory_order_acquire);
    if (known != nullptr && known->end >= needed) return known;
    if (column.use() == 0 || !may_keep()) return nullptr;
    const std::uint32_t start = coder_->rank(column.pivot);
    std::uint64_t end = needed;
    // Farther than asked for: it is going to be asked for more.
    if (known != nullptr) end = std::min<std::uint64_t>(graph_->edges().count(), std::max(end, known->end + std::uint64_t{known->end - start}));
    made_.clear();
    const std::uint32_t from = known != nullptr ? known->end : start;
    const Word least = known != nullptr ? coder_->block(from) : column.pivot + 1;
    for (const Entry<Word, Field>& e : column.span()) {
      scan_->scan(field_, e.key, Field::value(e.coefficient), from, static_cast<std::uint32_t>(end), least,
                  [this](const Entry<Word, Field>& cofacet) { made_.push_back(cofacet); });
    }
    return keep(column, known != nullptr ? std::span(known->entries, known->count) : std::span<const Entry<Word, Field>>(),
                static_cast<std::uint32_t>(end));
  }

 private:
  bool may_keep() const noexcept {
    return kept_bytes_ < std::min<std::uint64_t>(kept_bytes_limit, execution_->budget().available() / 8);
  }

  /// Publishes the coboundary up to rank `end`: `known`, and after it what was made.
  const Coboundary* keep(const ReducedColumn<Word, Field>& column, std::span<const Entry<Word, Field>> known, std::uint32_t end) {
    normalize(made_, scratch_, field_, *execution_);
    const std::size_t count = known.size() + made_.size();
    auto* const entries = arena_->template allocate<Entry<Word, Field>>(count);
    std::copy(made_.begin(), made_.end(), std::copy(known.begin(), known.end(), entries));
    kept_bytes_ += count * sizeof(Entry<Word, Field>);
    Coboundary* const coboundary = arena_->template allocate<Coboundary>(1);
    *coboundary = {entries, count, end};
    column.shared_coboundary().store(coboundary, std::memory_order_release);
    return coboundary;
  }

  static constexpr std::uint32_t most_kept_entries = 4;  // for a simplex of the column
  static constexpr std::uint32_t least_kept_coboundary = 48;
  static constexpr std::uint64_t kept_bytes_limit = std::uint64_t{1} << 29;

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  const GlobalReduction<Word, Field>* reduction_;
  CofacetScan<Graph, Search, Word>* scan_;
  Arena* arena_;
  Execution* execution_;
  RawVector<Entry<Word, Field>> made_;
  RawVector<Entry<Word, Field>> scratch_;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace tda::detail
