// SPDX-License-Identifier: Apache-2.0
//
// The logarithm and the exponential function from additions, multiplications and divisions only: the C library's differ between versions in the last
// bits, and with them the bytes of what is computed. (Powers: simd/deterministic_pow.inl.)
#pragma once

namespace tda::detail {

/// ln x for finite x > 0, within one unit in the last place.
double natural_logarithm(double x) noexcept;

/// e^x for finite x <= 0, within one unit in the last place where the result is normal; 0 below about -745.
double exponential(double x) noexcept;

}  // namespace tda::detail
