// SPDX-License-Identifier: Apache-2.0
#include "reduction/cohomology_run.hpp"

namespace tda::detail {

template <class Word>
void run_dense(const DenseGraph& graph, const SimplexCoder<Word>& coder, const CohomologyRequest& request, Cohomology& out,
               Execution& execution) {
  run_over_graph<DenseKind>(graph, coder, request, out, execution);
}

template void run_dense(const DenseGraph&, const SimplexCoder<NarrowWord>&, const CohomologyRequest&, Cohomology&, Execution&);
template void run_dense(const DenseGraph&, const SimplexCoder<WideWord>&, const CohomologyRequest&, Cohomology&, Execution&);

}  // namespace tda::detail
