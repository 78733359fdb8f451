// SPDX-License-Identifier: Apache-2.0
//
// The computation from input to diagrams: what the C ABI calls.
#pragma once

#include <vector>

#include "core/error.hpp"
#include "diagram/diagram.hpp"
#include "exec/execution.hpp"
#include "representatives/bar_chains.hpp"
#include "tda/tda.h"

namespace tda::detail {

struct RipsResult {
  /// By dimension 0 … max_dimension, each sorted by birth, then death.
  std::vector<std::vector<Bar>> diagrams;
  /// Likewise; empty where none were asked for.
  std::vector<ReleasedBarChains> representatives;
  /// Everything but struct_size, peak_bytes and seconds.
  tda_rips_statistics statistics;
};

/// Precondition: validate_options(options). Throws BudgetExceeded and Cancelled.
Expected<RipsResult> compute_vietoris_rips(const tda_input& input, const tda_rips_options& options, Execution& execution);

}  // namespace tda::detail
