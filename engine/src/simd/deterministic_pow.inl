// SPDX-License-Identifier: Apache-2.0
//
// x^y for the Minkowski metric from additions, multiplications and divisions only, so that every machine, compiler and vector width
// gives the same bytes: the C library's pow differs between versions. Included by distance_kernels.inl.
//
// Method: x = 2^e m with m in [sqrt(1/2), sqrt(2)); log2(m) = 2/ln2 atanh((m-1)/(m+1)), its first two terms in double-double
// arithmetic (products by Dekker's splitting, Numerische Mathematik 18, 1971: no fused multiply-add is needed), the rest of the
// series in double; then 2^(y log2(x)): the integer part goes into the exponent, the rest through the Taylor series of 2^r, |r| <= 1/2.
//
// Accuracy: within 1.3 units in the last place where the result is normal; smaller results round once more.
// Each lane of a vector is a number of its own; no branch depends on a value.

using Reals = Vec<double>;
using Words = Vec<std::uint64_t>;

inline Reals reals(double value) { return broadcast<double>(value); }
inline Words words(std::uint64_t value) { return broadcast<std::uint64_t>(value); }

struct DoubleDouble {
  Reals high;
  Reals low;
};

// a + b exactly, where |a| >= |b| or a is 0.
inline DoubleDouble fast_two_sum(Reals a, Reals b) {
  const Reals sum = a + b;
  return {sum, b - (sum - a)};
}

// a * b exactly, while neither overflows nor underflows.
inline DoubleDouble two_product(Reals a, Reals b) {
  constexpr double splitter = 134217729.0;  // 2^27 + 1
  const Reals scaled_a = splitter * a;
  const Reals scaled_b = splitter * b;
  const Reals a_high = scaled_a - (scaled_a - a);
  const Reals b_high = scaled_b - (scaled_b - b);
  const Reals a_low = a - a_high;
  const Reals b_low = b - b_high;
  const Reals product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

template <std::size_t count>
inline Reals horner(const double (&coefficients)[count], Reals x) {
  Reals value = reals(coefficients[0]);
  for (std::size_t i = 1; i < count; ++i) value = value * x + coefficients[i];
  return value;
}

// log2 of a finite x > 0, with a relative error near 2^-65.
inline DoubleDouble log2_double_double(Reals x) {
  constexpr double two_52 = 4503599627370496.0;  // an integer below 2^52 in its low bits reads as two_52 + integer
  const auto subnormal = x < 0x1p-1022;
  const Words bits = __builtin_bit_cast(Words, subnormal ? x * 0x1p54 : x);
  const Reals raw_exponent = __builtin_bit_cast(Reals, (bits >> 52) | words(0x4330000000000000)) - two_52;
  const Reals raw_m = __builtin_bit_cast(Reals, (bits & words(0x000fffffffffffff)) | words(0x3ff0000000000000));
  const auto upper = raw_m >= 1.4142135623730951;
  const Reals m = upper ? raw_m * 0.5 : raw_m;
  const Reals exponent = raw_exponent - (subnormal ? reals(1077.0) : reals(1023.0)) + (upper ? reals(1.0) : reals(0.0));

  // s = (m - 1) / (m + 1): the numerator is exact, the denominator a double-double.
  const Reals numerator = m - 1.0;
  const Reals denominator = m + 1.0;
  const Reals denominator_low = m > 1.0 ? 1.0 - (denominator - m) : m - (denominator - 1.0);
  const Reals s_high = numerator / denominator;
  const DoubleDouble back = two_product(s_high, denominator);
  const Reals s_low = (((numerator - back.high) - back.low) - s_high * denominator_low) / denominator;

  // atanh(s) = s + s z (1/3 + z tail(z)), z = s^2 <= 0.0295: what is left out of the tail is below 2^-70 of s.
  constexpr double tail[] = {1.0 / 27.0, 1.0 / 25.0, 1.0 / 23.0, 1.0 / 21.0, 1.0 / 19.0, 1.0 / 17.0,
                             1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0,  1.0 / 7.0,  1.0 / 5.0};
  const DoubleDouble square = two_product(s_high, s_high);
  const DoubleDouble z = fast_two_sum(square.high, square.low + 2.0 * s_high * s_low);
  const DoubleDouble inner = fast_two_sum(reals(0x1.5555555555555p-2), z.high * horner(tail, z.high) + 0x1.5555555555555p-56);
  const DoubleDouble z_inner = two_product(z.high, inner.high);
  const DoubleDouble cubic = fast_two_sum(z_inner.high, z_inner.low + (z.high * inner.low + z.low * inner.high));
  const DoubleDouble s_cubic = two_product(s_high, cubic.high);
  const DoubleDouble sum = fast_two_sum(s_high, s_cubic.high);
  const Reals sum_low = sum.low + (s_low + (s_cubic.low + (s_high * cubic.low + s_low * cubic.high)));
  const DoubleDouble atanh = fast_two_sum(sum.high, sum_low);

  constexpr double two_over_ln2_high = 0x1.71547652b82fep+1;
  constexpr double two_over_ln2_low = 0x1.777d0ffda0d24p-55;
  const DoubleDouble fraction = two_product(atanh.high, reals(two_over_ln2_high));
  const Reals fraction_low = fraction.low + (atanh.high * two_over_ln2_low + atanh.low * two_over_ln2_high);
  // |fraction| is about 1/2 at most, so that the exponent is larger or 0.
  const DoubleDouble total = fast_two_sum(exponent, fraction.high);
  return fast_two_sum(total.high, total.low + fraction_low);
}

// 2^e for integers -1022 <= e <= 1023.
inline Reals power_of_two(Reals e) {
  constexpr double two_52_and_bias = 4503599627370496.0 + 1023.0;
  return __builtin_bit_cast(Reals, __builtin_bit_cast(Words, e + two_52_and_bias) << 52);
}

// 2^(t.high + t.low) for t.high <= 1023; 0 far below the smallest number.
inline Reals exp2_double_double(DoubleDouble t) {
  constexpr double rounder = 6755399441055744.0;  // 1.5 * 2^52: adding and subtracting it rounds to an integer
  const auto tiny = t.high < -1100.0;
  const Reals high = tiny ? reals(-1100.0) : t.high;
  const Reals low = tiny ? reals(0.0) : t.low;
  const Reals whole = (high + rounder) - rounder;
  const Reals r = (high - whole) + low;

  // (2^r - 1) / r for |r| <= 1/2: coefficients ln2^k / k!; what is left out is below 2^-62.
  constexpr double series[] = {0x1.c36e843b04022p-49, 0x1.314964d5878a9p-44, 0x1.816193166d0f9p-40, 0x1.c3bd650fc2986p-36,
                               0x1.e8cac7351bb25p-32, 0x1.e4cf5158b8ecap-28, 0x1.b5253d395e7c4p-24, 0x1.62c0223a5c824p-20,
                               0x1.ffcbfc588b0c7p-17, 0x1.430912f86c787p-13, 0x1.5d87fe78a6731p-10, 0x1.3b2ab6fba4e77p-7,
                               0x1.c6b08d704a0c0p-5,  0x1.ebfbdff82c58fp-3,  0x1.62e42fefa39efp-1};
  const Reals mantissa = 1.0 + horner(series, r) * r;
  // Two factors of about half the exponent, so that a subnormal result is rounded once, at the end.
  const Reals half = (whole * 0.5 + rounder) - rounder;
  return mantissa * power_of_two(half) * power_of_two(whole - half);
}

// x^y for finite x >= 0 and y > 0 whose result is below 2^1023. 0^y is 0, 1^y is exactly 1.
inline Reals deterministic_pow(Reals x, double y) {
  const auto positive = x > 0.0;
  const DoubleDouble logarithm = log2_double_double(positive ? x : reals(1.0));
  const DoubleDouble product = two_product(reals(y), logarithm.high);
  const DoubleDouble exponent = fast_two_sum(product.high, product.low + y * logarithm.low);
  const Reals power = exp2_double_double(exponent);
  return positive ? power : reals(0.0);
}
