// SPDX-License-Identifier: Apache-2.0
//
// The run over one kind of graph, instantiated in a translation unit for each (dense_cohomology.cpp, sparse_cohomology.cpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "complex/dense_links.hpp"
#include "complex/near_links.hpp"
#include "complex/near_search.hpp"
#include "complex/sparse_links.hpp"
#include "complex/sparse_search.hpp"
#include "exec/parallel.hpp"
#include "reduction/annotation_reducer.hpp"
#include "reduction/block_scan.hpp"
#include "reduction/cohomology.hpp"
#include "reduction/global_reducer.hpp"
#include "representatives/representative_run.hpp"

namespace tda::detail {

/// The share of the progress fraction at which the blocks are done; before it lies graph_fraction, after it the global reduction.
inline constexpr double block_fraction = 0.4;

struct CohomologyRequest {
  unsigned max_dimension;
  std::uint32_t prime;
  const Vector<std::uint64_t>& merging;
  /// Null: none are wanted.
  RepresentativeSet* representatives;
};

/// Units of poll that a column costs, roughly: whether threads pay. A wrong guess costs the start of a thread.
inline constexpr std::uint64_t work_of_a_block = 100;
inline constexpr std::uint64_t work_of_a_column = 2000;

/// Stands for a RepresentativeRun that is never made.
template <class Word, class Field>
struct NoRepresentatives final : PairObserver<Word, Field> {
  template <class... Arguments>
  explicit NoRepresentatives(Arguments&&...) {}
  void observe(Word, std::optional<Word>, std::span<const Entry<Word, Field>>) override {}
  void finish_dimension(unsigned, const ColumnStore<Word, Field>&) {}
};

/// What each kind of graph works with.
struct DenseKind {
  using Graph = DenseGraph;
  using Links = DenseLinks;
  using Search = DenseSearch;
  template <class Word, class Field>
  using Representatives = RepresentativeRun<DenseGraph, DenseSearch, Word, Field>;
};
struct SparseKind {
  using Graph = SparseGraph;
  using Links = SparseLinks;
  using Search = SparseSearch;
  template <class Word, class Field>
  using Representatives = RepresentativeRun<SparseGraph, SparseSearch, Word, Field>;
};
/// For dimension 1 alone, without representatives.
struct NearKind {
  using Graph = NearGraph;
  using Links = NearLinks;
  using Search = NearSearch;
  template <class Word, class Field>
  using Representatives = NoRepresentatives<Word, Field>;
};

/// Scans the blocks of all edges; columns[d] gets what is left of dimension d. Returns the simplices of dimension 2 and above.
template <class Kind, class Word, class Field>
std::uint64_t scan_blocks(const typename Kind::Graph& graph, const SimplexCoder<Word>& coder, const Field& field,
                          const CohomologyRequest& request, Vector<BlockColumns<Word, Field>>& columns, Execution& execution) {
  using Links = typename Kind::Links;
  const std::size_t parts = Links::part_count(graph.edges());
  const unsigned workers = workers_for(execution, graph.edges().count() * work_of_a_block * request.max_dimension);
  execution.begin_stage(TDA_STAGE_APPARENT_PAIRS, request.max_dimension, parts, block_fraction);
  WorkQueue queue(parts, std::clamp<std::size_t>(parts / (64 * std::size_t{workers}), 1, 1024));
  Mutex mutex;
  std::uint64_t simplices = 0;
  in_parallel(execution, workers, [&](unsigned, Execution& own) {
    Vector<BlockColumns<Word, Field>> found(own.budget());
    found.reserve(request.max_dimension + 1);
    for (unsigned d = 0; d <= request.max_dimension; ++d) found.emplace_back(own.budget());
    Links links(graph, own);
    BlockScan<Links, Word, Field> scan(links, graph.kernels().graph.bitset, coder, field, request.max_dimension, request.merging, found, own);
    scan.run(queue);
    const std::lock_guard lock(mutex);
    for (unsigned d = 0; d <= request.max_dimension; ++d) columns[d].take(std::move(found[d]));
    simplices += scan.simplices();
  });
  for (BlockColumns<Word, Field>& c : columns) c.sort_by_key();
  return simplices;
}

/// Forwards in time, by annotations, where there are many classes for the edges: without geometry (decision 0082). Columns would fill up there; elsewhere, where
/// few classes live long, they stay short, and forwards all simplices up to the last death are looked at. Measured on independent distances, points in 3 to 100
/// coordinates and mixtures of both; the same on any machine.
inline bool prefers_annotations(std::size_t classes, unsigned dimension, std::uint32_t edges) noexcept {
  constexpr std::size_t least_classes = 512;
  return dimension >= 2 && classes >= least_classes && 7 * std::uint64_t{classes} >= (dimension - 1) * std::uint64_t{edges};
}

/// Reduces one dimension, appends its pairs and returns its pivots, sorted: no columns of the next dimension (clearing). `observer`: null, or sees each
/// pair; the columns are then those of one worker, since which multiples others would have added depends on the order of events.
template <class Kind, class Word, class Field>
RawVector<Word> reduce_dimension(const typename Kind::Graph& graph, const SimplexCoder<Word>& coder, const Field& field, unsigned dimension,
                                 const BlockColumns<Word, Field>& columns, Vector<RankPair>& pairs, PairObserver<Word, Field>* observer,
                                 Execution& execution) {
  const std::size_t count = columns.survivors.size();
  if constexpr (std::is_same_v<Kind, DenseKind> && std::is_same_v<Field, FieldTwo>) {
    if (observer == nullptr && prefers_annotations(count, dimension, graph.edges().count()))
      return AnnotationReducer<Word>(graph, coder, dimension, columns, execution).run(pairs);
  }
  PivotOwners<Word, Field> owners(execution.budget(), count);
  const unsigned workers = observer != nullptr ? 1 : workers_for(execution, count * work_of_a_column);
  WorkQueue queue(count, 1);
  const GlobalReduction<Word, Field> reduction{
      .dimension = dimension, .columns = columns, .queue = queue, .owners = owners, .observer = observer};
  // The columns of each worker outlive all workers: one that stops early, by an error, leaves columns that the others still read.
  Vector<Arena> memory(execution.budget());
  for (unsigned worker = 0; worker < workers; ++worker) memory.emplace_back(execution.budget());
  Mutex mutex;
  in_parallel(execution, workers, [&](unsigned worker, Execution& own) {
    GlobalReducer<typename Kind::Graph, typename Kind::Search, Word, Field> reducer(graph, coder, field, reduction, memory[worker], own);
    reducer.run();
    const std::lock_guard lock(mutex);
    for (const std::uint32_t birth : reducer.essential()) pairs.push_back({birth, RankPair::never});
  });
  RawVector<Word> pivots(execution.budget());
  owners.each([&](const ReducedColumn<Word, Field>& column) {
    pairs.push_back({coder.rank(column.simplex), coder.rank(column.pivot)});
    if (observer != nullptr) observer->observe(column.simplex, column.pivot, column.span());
    pivots.push_back(column.pivot);
    execution.poll(1);
  });
  std::sort(pivots.begin(), pivots.end());
  return pivots;
}

template <class Kind, class Word, class Field>
void run_over_field(const typename Kind::Graph& graph, const SimplexCoder<Word>& coder, const Field& field, const CohomologyRequest& request,
                    Cohomology& out, Execution& execution) {
  Budget& budget = execution.budget();
  Vector<BlockColumns<Word, Field>> columns(budget);
  columns.reserve(request.max_dimension + 1);
  for (unsigned d = 0; d <= request.max_dimension; ++d) columns.emplace_back(budget);
  out.simplices += scan_blocks<Kind>(graph, coder, field, request, columns, execution);
  std::optional<typename Kind::template Representatives<Word, Field>> representatives;
  if (request.representatives != nullptr) representatives.emplace(*request.representatives, graph, coder, field, execution);

  for (unsigned d = 1; d <= request.max_dimension; ++d) {
    const double share = static_cast<double>(d) / request.max_dimension;
    execution.begin_stage(TDA_STAGE_REDUCTION, d, columns[d].survivors.size(), block_fraction + (1 - block_fraction) * share);
    PairObserver<Word, Field>* const observer = representatives ? &*representatives : nullptr;
    const RawVector<Word> pivots = reduce_dimension<Kind>(graph, coder, field, d, columns[d], out.pairs[d - 1], observer, execution);
    if (representatives) representatives->finish_dimension(d, columns[d].pairs);
    columns[d] = BlockColumns<Word, Field>(budget);
    if (d < request.max_dimension) columns[d + 1].survivors.remove(pivots);
  }
}

template <class Kind, class Word>
void run_over_graph(const typename Kind::Graph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
                    Execution& execution) {
  if (request.prime == 2) {
    run_over_field<Kind>(graph, coder, FieldTwo(request.prime), request, out, execution);
  } else {
    run_over_field<Kind>(graph, coder, PrimeField(request.prime), request, out, execution);
  }
}

template <class Word>
void run_dense(const DenseGraph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
               Execution& execution);
template <class Word>
void run_sparse(const SparseGraph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
                Execution& execution);
/// The request is of dimension 1, without representatives. Keys of dimension 1 fit 64 bits.
void run_near(const NearGraph& graph, const SimplexCoder<NarrowWord>& coder, const CohomologyRequest& request, Cohomology& out,
              Execution& execution);

}  // namespace tda::detail
