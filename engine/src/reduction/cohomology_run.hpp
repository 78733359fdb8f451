// SPDX-License-Identifier: Apache-2.0
//
// The run over one kind of graph, instantiated in a translation unit for each (dense_cohomology.cpp, sparse_cohomology.cpp).
#pragma once

#include "complex/links.hpp"
#include "reduction/block_scan.hpp"
#include "reduction/cohomology.hpp"
#include "reduction/global_reducer.hpp"

namespace tda::detail {

/// The share of the progress fraction at which the blocks are done; before it lies graph_fraction, after it the global reduction.
inline constexpr double block_fraction = 0.4;

struct CohomologyRequest {
  unsigned max_dimension;
  std::uint32_t prime;
  const Vector<std::uint64_t>& merging;
};

template <class Links, class Graph, class Word, class Field>
void run_over_field(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, const CohomologyRequest& request,
                    Cohomology& out, Execution& execution) {
  Budget& budget = execution.budget();
  const std::uint32_t edge_count = graph.edges().count();
  Vector<BlockColumns<Word, Field>> columns(budget);
  columns.reserve(request.max_dimension + 1);
  for (unsigned d = 0; d <= request.max_dimension; ++d) columns.emplace_back(budget);

  execution.begin_stage(TDA_STAGE_APPARENT_PAIRS, request.max_dimension, edge_count, block_fraction);
  {
    Links links(graph, execution);
    BlockScan<Links, Word, Field> scan(links, graph.kernels().graph.bitset, coder, field, request.max_dimension, request.merging,
                                       columns, execution);
    scan.run();
    out.simplices += scan.simplices();
  }

  GlobalReducer<Graph, Word, Field> reducer(graph, coder, field, execution);
  PivotTable<Word> pivots(budget);
  for (unsigned d = 1; d <= request.max_dimension; ++d) {
    const double share = static_cast<double>(d) / request.max_dimension;
    execution.begin_stage(TDA_STAGE_REDUCTION, d, columns[d].survivors.size(), block_fraction + (1 - block_fraction) * share);
    pivots = reducer.reduce(d, columns[d], pivots, out.pairs[d - 1]);
    columns[d] = BlockColumns<Word, Field>(budget);
  }
}

template <class Links, class Graph, class Word>
void run_over_graph(const Graph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
                    Execution& execution) {
  if (request.prime == 2) {
    run_over_field<Links>(graph, coder, FieldTwo(request.prime), request, out, execution);
  } else {
    run_over_field<Links>(graph, coder, PrimeField(request.prime), request, out, execution);
  }
}

template <class Word>
void run_dense(const DenseGraph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
               Execution& execution);
template <class Word>
void run_sparse(const SparseGraph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
                Execution& execution);

}  // namespace tda::detail
