// SPDX-License-Identifier: Apache-2.0
#include "reduction/cohomology.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "reduction/cohomology_run.hpp"

namespace tda::detail {
namespace {

/// A matrix pays while rows are full enough for vectors to beat the merging of lists, or while it is small anyway. Measured on samples of O(3):
/// with 3 % of the pairs it takes half the time of the lists.
bool prefers_matrix(const Edges& edges, Budget& budget) {
  constexpr std::uint64_t small_matrix_bytes = std::uint64_t{1} << 21;
  constexpr std::uint64_t large_matrix_bytes = std::uint64_t{1} << 27;
  const std::uint64_t matrix = DenseGraph::bytes_needed(edges.vertex_count, edges.count());
  const std::uint64_t lists = SparseGraph::bytes_needed(edges.vertex_count, edges.count());
  if (matrix > SIZE_MAX || (matrix > lists && matrix > budget.available() / 2)) return false;
  // One entry of this many is an edge.
  const std::uint64_t least_density = matrix > large_matrix_bytes ? 8 : 8;
  const std::uint64_t entries = std::uint64_t{edges.vertex_count} * edges.vertex_count;
  return matrix <= small_matrix_bytes || 2 * std::uint64_t{edges.count()} * least_density >= entries;
}

template <class Word>
void run(const Edges& edges, const KernelTable& kernels, const CohomologyRequest& request, Cohomology& out, Execution& execution) {
  const SimplexCoder<Word> coder(execution.budget(), edges.vertex_count, request.max_dimension, edges.count());
  if (prefers_matrix(edges, execution.budget())) {
    return run_dense(DenseGraph(edges, kernels, execution), coder, request, out, execution);
  }
  if constexpr (std::is_same_v<Word, NarrowWord>) {
    if (request.max_dimension == 1 && request.representatives == nullptr)
      return run_near(NearGraph(edges, kernels, execution), coder, request, out, execution);
  }
  run_sparse(SparseGraph(edges, kernels, execution), coder, request, out, execution);
}

}  // namespace

Expected<Cohomology> compute_cohomology(const Edges& edges, const KernelTable& kernels, unsigned max_dimension, std::uint32_t prime,
                                        const Vector<std::uint64_t>& merging, RepresentativeSet* representatives, Execution& execution) {
  Cohomology out(execution.budget());
  for (unsigned d = 1; d <= max_dimension; ++d) out.pairs.emplace_back(execution.budget());
  // Above the dimension of the complex there is nothing.
  const unsigned dimension = std::min(max_dimension, clique_dimension_bound(edges, execution));
  if (dimension == 0) return out;
  const CohomologyRequest request{.max_dimension = dimension, .prime = prime, .merging = merging, .representatives = representatives};
  const int bits = bit_width_of(std::uint64_t{edges.count()}) + index_bits_needed(edges.vertex_count, dimension);
  if (bits <= 64) {
    run<NarrowWord>(edges, kernels, request, out, execution);
  } else if (bits <= 128) {
    run<WideWord>(edges, kernels, request, out, execution);
  } else {
    return fail({.status = TDA_ERROR_INDEX_OVERFLOW,
                 .message = "The simplices of this many points in this dimension cannot be numbered in 128 bits.",
                 .dimension = max_dimension});
  }
  return out;
}

}  // namespace tda::detail
