// SPDX-License-Identifier: Apache-2.0
//
// Numbers that are sums over the lengths of the finite bars. The lengths are sorted first, so that the order of the bars does not matter.
#pragma once

#include "core/error.hpp"
#include "features/diagram_points.hpp"
#include "features/feature_values.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

/// Σ length^order (D. Cohen-Steiner, H. Edelsbrunner, J. Harer, Y. Mileyko, Lipschitz functions have L_p-stable persistence, Found. Comput. Math. 10 (2010)).
/// TDA_ERROR_INVALID_OPTION: an order outside of 0 … 64; TDA_ERROR_DISTANCE_OVERFLOW. O(n log n).
Expected<void> total_persistence(const DiagramPoints& points, double order, const KernelTable& kernels, FeatureValues& out,
                                 Execution& execution);

/// −Σ p ln p with p = length / Σ lengths, in nats (H. Chintakunta et al., An entropy-based persistence barcode, Pattern Recognition 48 (2015)).
/// TDA_ERROR_DISTANCE_OVERFLOW. O(n log n).
Expected<void> persistence_entropy(const DiagramPoints& points, FeatureValues& out, Execution& execution);

}  // namespace tda::detail
