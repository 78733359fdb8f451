// SPDX-License-Identifier: Apache-2.0
//
// The generic source of GraphKernels; included by target.inl inside the target's anonymous namespace.

constexpr GraphKernels graph_kernels{};
