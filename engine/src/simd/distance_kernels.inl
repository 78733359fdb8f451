// SPDX-License-Identifier: Apache-2.0
//
// The generic source of DistanceKernels; included by target.inl inside the target's anonymous namespace.

constexpr DistanceKernels distance_kernels{};
