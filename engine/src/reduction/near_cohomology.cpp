// SPDX-License-Identifier: Apache-2.0
#include "reduction/cohomology_run.hpp"

namespace tda::detail {

void run_near(const NearGraph& graph, const SimplexCoder<NarrowWord>& coder, const CohomologyRequest& request, Cohomology& out,
              Execution& execution) {
  run_over_graph<NearKind>(graph, coder, request, out, execution);
}

}  // namespace tda::detail
