// SPDX-License-Identifier: Apache-2.0
//
// The p-Wasserstein distance of two diagrams, exactly.
//
// M. Kerber, D. Morozov, A. Nigmetov, Geometry helps to compare persistence diagrams, ACM J. Exp. Algorithmics 22 (2017): the least (Σ cost^p)^(1/p) over the matchings of
// the bars with bars of the other diagram or with the diagonal. Where they approximate by an auction, the assignment is solved here (partial_assignment.hpp) in
// fixed-point numbers, which add without rounding: the optimum is one number, whatever matching attains it. Essential bars are matched in the order of
// their births, which is optimal on a line for each p >= 1.
//
// Accuracy: costs are computed with a few roundings of doubles (powers within 1.3 units in the last place), then rounded to 2^-90 of the largest, or finer. The sum and
// the choice are exact for these; the root rounds once more.
// Cost: one look at each pair of bars, which is all where all bars are born at once (an alignment on a line); else 20 bytes for each pair that is cheaper than leaving both bars
// alone, and the assignment.
#pragma once

#include <cstdint>

#include "core/error.hpp"
#include "features/diagram_points.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {

/// The largest `order` of a feature: its powers stay far from the ends of the doubles.
inline constexpr double most_order = 64;

/// `norm`: tda_diagram_norm. +inf: the numbers of essential bars differ. TDA_ERROR_INVALID_OPTION: an order outside of 1 … 64, an unknown norm.
/// TDA_ERROR_DISTANCE_OVERFLOW: the distance, or a length of a bar, is beyond the range of doubles.
Expected<double> wasserstein_distance(const DiagramPoints& first, const DiagramPoints& second, double order, std::uint32_t norm,
                                      const KernelTable& kernels, Execution& execution);

}  // namespace tda::detail
