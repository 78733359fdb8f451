// SPDX-License-Identifier: Apache-2.0
#include "features/elementary.hpp"

#include <cmath>
#include <cstddef>

namespace tda::detail {
namespace {

// ln 2 = high + low; the high part has 32 bits, so that its product with an exponent is exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

template <std::size_t count>
double horner(const double (&coefficients)[count], double x) noexcept {
  double value = coefficients[0];
  for (std::size_t i = 1; i < count; ++i) value = value * x + coefficients[i];
  return value;
}

}  // namespace

// x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), s = f / (2 + f): ln(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R) with R = 2 (z/3 + z^2/5 + …), z = s^2
// <= 0.0295. In this form f, which is exact, is the largest term, and what is rounded is small beside it.
double natural_logarithm(double x) noexcept {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // in [1/2, 1)
  if (m < 0.70710678118654757) {
    m *= 2;
    --exponent;
  }
  const double f = m - 1;
  const double s = f / (2 + f);
  const double z = s * s;
  constexpr double series[] = {2.0 / 25, 2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15,
                               2.0 / 13, 2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3};
  const double half_square = 0.5 * f * f;
  const double rest = s * (half_square + z * horner(series, z));
  const double e = exponent;
  return e * ln2_high - ((half_square - (rest + e * ln2_low)) - f);
}

// x = k ln 2 + r, |r| <= ln 2 / 2: e^x = 2^k e^r, e^r by its series to r^14.
double exponential(double x) noexcept {
  if (x < -746) return 0;
  constexpr double inverse_ln2 = 0x1.71547652b82fep+0;
  const double k = std::floor(x * inverse_ln2 + 0.5);
  const double high = x - k * ln2_high;
  const double low = k * ln2_low;
  const double r = high - low;
  const double lost = (high - r) - low;
  constexpr double series[] = {1.0 / 87178291200.0, 1.0 / 6227020800.0, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
                               1.0 / 5040,        1.0 / 720,        1.0 / 120,       1.0 / 24,       1.0 / 6,       0.5};
  return std::ldexp(1 + (r + (r * r * horner(series, r) + lost)), static_cast<int>(k));
}

}  // namespace tda::detail
