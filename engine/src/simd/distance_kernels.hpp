// SPDX-License-Identifier: Apache-2.0
//
// Kernels for distances of points (src/distance).
//
// Points are stored by coordinate: coordinate k of point j is coordinates[k * stride + j]. A kernel works on neighbouring points at
// once, each in a lane of its own; within a lane the coordinates are added in order. So the value of a pair does
// not depend on the vector width, nor on which other pairs are computed with it, nor on which of the two is the query.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tda::detail {

/// distances[j] = distance of `query` (dimension numbers) and point j, for j < count. `exponent`: of the Minkowski metric, else unused.
/// A distance beyond the range of double is +inf. Cost: count * dimension; no memory.
using DistanceRow = void (*)(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double exponent,
                             double* distances, std::size_t count);

struct DistanceKernels {
  /// sqrt(sum of squares). The squares may leave the range of double: src/distance/point_cloud.cpp repairs such pairs.
  DistanceRow euclidean;
  DistanceRow manhattan;
  DistanceRow chebyshev;
  /// Half the squared Euclidean distance: 1 - cos for vectors of length 1. Kept within [0, 2]; below 2^-98 (rounding of the lengths) it is 0.
  DistanceRow half_squared;
  /// m * (sum of (|x_k - y_k| / m)^p)^(1/p) with m the largest difference, so that no power overflows.
  DistanceRow minkowski;

  /// result[i] = base[i]^exponent for base[i] finite and >= 0, exponent > 0, and results below 2^1023. See deterministic_pow.inl.
  void (*power)(const double* base, double exponent, double* result, std::size_t count);
};

}  // namespace tda::detail
