// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "circular/edge_cochain.hpp"

namespace tda::detail {

struct LeastSquares {
  /// By vertex; 0 at the first vertex of each component.
  RawVector<double> potential;
  /// Σ (α − δf)² over the edges.
  double energy = 0;
  /// Norm of δ*(α − δf) over that of δ*α; 0 where that is 0.
  double residual = 0;
  std::uint64_t steps = 0;
};

/// The f that minimises Σ (α(ij) − f(j) + f(i))² over the edges, to a residual of `tolerance` or as near as `most_steps` come.
LeastSquares solve_least_squares(const EdgeCochain& cochain, double tolerance, std::uint64_t most_steps, Execution& execution);

}  // namespace tda::detail
