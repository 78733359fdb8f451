// SPDX-License-Identifier: Apache-2.0
//
// Kernels on ranks and bitsets (src/complex, src/reduction).
#pragma once

#include <cstdint>

namespace tda::detail {

struct GraphKernels {};

}  // namespace tda::detail
