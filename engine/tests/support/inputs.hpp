// SPDX-License-Identifier: Apache-2.0
//
// Inputs by formula, larger than what the oracle can reduce.
#pragma once

#include <cstdint>

#include "support/random.hpp"
#include "support/rips_call.hpp"

namespace tda::test {

/// Independent uniform entries in [0, 1): no triangle inequality, the hardest input of its size.
Input random_symmetric_input(std::uint32_t size, Random& random, tda_scalar scalar = TDA_FLOAT64);
/// Uniform points of [0, 1]^dimension.
Input uniform_points_input(std::uint32_t count, std::uint32_t dimension, Random& random, tda_scalar scalar = TDA_FLOAT64);
/// Points of the unit sphere S^(dimension − 1), uniform.
Input sphere_points_input(std::uint32_t count, std::uint32_t dimension, Random& random, tda_scalar scalar = TDA_FLOAT64);
/// `count` points in the plane of which the first 24 are a regular 24-gon of radius 1 and the rest are at least 100 from everything.
Input circle_among_isolated_points(std::uint32_t count);

}  // namespace tda::test
