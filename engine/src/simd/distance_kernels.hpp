// SPDX-License-Identifier: Apache-2.0
//
// Kernels for distances of points (src/distance).
#pragma once

#include <cstdint>

namespace tda::detail {

struct DistanceKernels {};

}  // namespace tda::detail
