// SPDX-License-Identifier: Apache-2.0
#include "reduction/cohomology_run.hpp"

namespace tda::detail {

template <class Word>
void run_sparse(const SparseGraph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
               Execution& execution) {
  run_over_graph<SparseKind>(graph, coder, request, out, execution);
}

template void run_sparse(const SparseGraph&, const SimplexCoder<NarrowWord>&, const CohomologyRequest&, Cohomology&, Execution&);
template void run_sparse(const SparseGraph&, const SimplexCoder<WideWord>&, const CohomologyRequest&, Cohomology&, Execution&);

}  // namespace tda::detail
