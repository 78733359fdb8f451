// SPDX-License-Identifier: Apache-2.0
//
// Kernels: the inner loops that run on vectors. One generic source (<subject>_kernels.inl; GCC's vector extensions) is
// compiled once per instruction set by target_<name>.cpp, and each target fills one KernelTable. A computation takes one table
// at its start and calls through it.
//
// Invariant: each kernel returns the same bytes on each target. Integers make that easy; for floating point add in the same order
// in every lane (vectorise across pairs, not along a sum) and never contract.
//
// Rule for everything that is included by a target file (one-definition rule): no standard C++ header with inline code, only <cstdint> and
// <cstddef>; all functions in the anonymous namespace of the target. Otherwise the linker may keep an AVX-512 copy of
// an inline function for everybody.
#pragma once

#include <cstdint>

#include "simd/collapse_kernels.hpp"
#include "simd/distance_kernels.hpp"
#include "simd/graph_kernels.hpp"

namespace tda::detail {

struct KernelTable {
  std::uint32_t target;  // tda_simd_target
  GraphKernels graph;
  CollapseKernels collapse;
  DistanceKernels distance;
};

/// The table of a target; TDA_SIMD_AUTO: of the best one here. Null: unknown, not compiled in, or not on this processor.
const KernelTable* kernel_table(std::uint32_t target) noexcept;

}  // namespace tda::detail
