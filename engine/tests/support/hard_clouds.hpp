// SPDX-License-Identifier: Apache-2.0
//
// Clouds that are hard for trees and grids.
#pragma once

#include <cstdint>
#include <vector>

#include "support/random.hpp"

namespace tda::test {

inline constexpr std::uint32_t hard_cloud_shapes = 10;

/// n points of d coordinates, by rows: a cube, collinear, duplicates and ties, all equal, a huge range, clusters, one long axis, squares
/// that underflow, squares that overflow, a Gaussian.
std::vector<double> hard_cloud(Random& random, std::uint32_t shape, std::uint32_t n, std::uint32_t d);

}  // namespace tda::test
