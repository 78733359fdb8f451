// SPDX-License-Identifier: Apache-2.0
//
// The distance kernels of each target against naive loops, and our power function against the C library's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "simd/kernel_table.hpp"
#include "support/random.hpp"
#include "support/test_scale.hpp"
#include "tda/tda.h"

namespace tda::test {
namespace {

using detail::DistanceKernels;
using detail::DistanceRow;

std::vector<const DistanceKernels*> all_targets() {
  std::vector<const DistanceKernels*> found;
  for (std::uint32_t target : {TDA_SIMD_BASELINE, TDA_SIMD_AVX2, TDA_SIMD_AVX512, TDA_SIMD_NEON, TDA_SIMD_WASM128})
    if (const detail::KernelTable* table = detail::kernel_table(target)) found.push_back(&table->distance);
  return found;
}

struct Named {
  const char* name;
  DistanceRow DistanceKernels::*row;
};
constexpr Named kernels[] = {{"euclidean", &DistanceKernels::euclidean},
                             {"manhattan", &DistanceKernels::manhattan},
                             {"chebyshev", &DistanceKernels::chebyshev},
                             {"half_squared", &DistanceKernels::half_squared},
                             {"minkowski", &DistanceKernels::minkowski}};

double naive(const char* name, const double* x, const double* y, std::size_t dimension, double p) {
  double sum = 0;
  double largest = 0;
  long double powers = 0;
  for (std::size_t k = 0; k < dimension; ++k) largest = std::max(largest, std::fabs(x[k] - y[k]));
  for (std::size_t k = 0; k < dimension; ++k) {
    const double difference = std::fabs(x[k] - y[k]);
    sum += std::strcmp(name, "manhattan") == 0 ? difference : difference * difference;
    if (largest > 0) powers += std::pow(static_cast<long double>(difference / largest), static_cast<long double>(p));
  }
  if (std::strcmp(name, "manhattan") == 0) return sum;
  if (std::strcmp(name, "chebyshev") == 0) return largest;
  if (std::strcmp(name, "half_squared") == 0) return sum * 0.5 < 0x1p-98 ? 0 : std::min(2.0, sum * 0.5);
  if (std::strcmp(name, "minkowski") == 0) return static_cast<double>(largest * std::pow(powers, 1 / static_cast<long double>(p)));
  return std::sqrt(sum);
}

TEST(DistanceKernels, AreTheNaiveLoopsOnEachTargetAtEachLength) {
  Random random(71);
  for (std::uint32_t round = 0; round < scaled_count(400); ++round) {
    const std::size_t dimension = random.below(21);
    const std::size_t stride = random.between(1, 700);
    const std::size_t first = random.below(static_cast<std::uint32_t>(stride));
    const std::size_t count = stride - first;
    const double p = random.pick({1.0, 1.25, 2.0, 3.0, 10.5, 200.0});
    std::vector<double> coordinates(dimension * stride + 1);
    for (double& x : coordinates) x = random.chance(0.2) ? random.below(3) : random.gaussian();
    std::vector<double> query(dimension + 1);
    for (std::size_t k = 0; k < dimension; ++k)
      query[k] = random.chance(0.5) ? coordinates[k * stride + first] : random.gaussian();
    for (const Named& kernel : kernels) {
      std::vector<double> expected(count);
      for (std::size_t j = 0; j < count; ++j) {
        std::vector<double> point(dimension + 1);
        for (std::size_t k = 0; k < dimension; ++k) point[k] = coordinates[k * stride + first + j];
        expected[j] = naive(kernel.name, point.data(), query.data(), dimension, p);
      }
      std::vector<double> reference;
      for (const DistanceKernels* target : all_targets()) {
        std::vector<double> got(count + 1, -7);
        (target->*kernel.row)(coordinates.data() + first, stride, dimension, query.data(), p, got.data(), count);
        ASSERT_EQ(got.back(), -7) << kernel.name << " wrote past its end";
        got.pop_back();
        if (std::strcmp(kernel.name, "minkowski") == 0) {
          for (std::size_t j = 0; j < count; ++j) ASSERT_NEAR(got[j], expected[j], 8e-16 * expected[j]) << "p " << p;
        } else {
          ASSERT_EQ(got, expected) << kernel.name << " dimension " << dimension;
        }
        if (reference.empty()) reference = got;
        if (count != 0) {
          ASSERT_EQ(std::memcmp(reference.data(), got.data(), count * sizeof(double)), 0) << kernel.name;
        }
      }
    }
  }
}

TEST(DistanceKernels, ADistanceBeyondDoubleIsInfinite) {
  const double column[] = {1.5e308, 0, 1.5e308, 1, 2};
  const double query[] = {-1.5e308};
  for (const DistanceKernels* target : all_targets()) {
    for (const Named& kernel : kernels) {
      if (std::strcmp(kernel.name, "half_squared") == 0) continue;
      double out[5];
      (target->*kernel.row)(column, 5, 1, query, 3.0, out, 5);
      EXPECT_EQ(out[0], std::numeric_limits<double>::infinity()) << kernel.name;
    }
  }
}

/// Units in the last place between a value and the exact one.
double units(double value, long double exact) {
  const double rounded = static_cast<double>(exact);
  const double unit = std::nextafter(std::fabs(rounded), std::numeric_limits<double>::infinity()) - std::fabs(rounded);
  return static_cast<double>(std::fabs(static_cast<long double>(value) - exact) / unit);
}

TEST(DeterministicPow, IsWithinOneAndAHalfUnitsOfTheLongDoublePower) {
  if (std::numeric_limits<long double>::digits < 64) return;  // nothing better to compare with
  Random random(73);
  double worst = 0;
  for (std::uint32_t round = 0; round < scaled_count(2000); ++round) {
    double exponent = 1;
    std::vector<double> base(100);
    const std::uint32_t kind = random.below(6);
    exponent = kind == 0 ? 1 + 10 * random.uniform() : kind == 1 ? 1 + 100 * random.uniform() : kind == 2 ? random.uniform()
               : kind == 3 ? 3 * random.uniform() : kind == 4 ? 1e5 * random.uniform() : 1e11 * random.uniform();
    for (double& x : base) {
      const double u = random.uniform();
      x = kind <= 1 ? u : kind == 2 ? 1 + 1000 * u : kind == 3 ? std::exp((u - 0.5) * 1400) : kind == 4 ? 1 + (u - 0.5) * 1e-3 : 1 + (u - 0.5) * 1e-9;
    }
    std::vector<double> result(base.size());
    all_targets().back()->power(base.data(), exponent, result.data(), base.size());
    for (std::size_t i = 0; i < base.size(); ++i) {
      const long double exact = std::pow(static_cast<long double>(base[i]), static_cast<long double>(exponent));
      if (!(exact >= 0x1p-1022L) || exact > 0x1p1022L) continue;
      worst = std::max(worst, units(result[i], exact));
      ASSERT_LT(units(result[i], exact), 1.5) << base[i] << " ^ " << exponent;
    }
  }
  RecordProperty("worst_units", std::to_string(worst));
}

TEST(DeterministicPow, EdgesOfItsRange) {
  const double base[] = {0, 1, 0x1p-1074, 0x1p-1022, 4, 0x1p-500, 0x1p-537, 0x1.8p-1000, 1e-300, 2};
  for (const DistanceKernels* target : all_targets()) {
    double half[10];
    target->power(base, 0.5, half, 10);
    const double roots[] = {0, 1, 0x1p-537, 0x1p-511, 2, 0x1p-250};
    for (int i = 0; i < 6; ++i) EXPECT_EQ(half[i], roots[i]) << base[i];
    double squares[10];
    target->power(base, 2, squares, 10);
    EXPECT_EQ(squares[0], 0);
    EXPECT_EQ(squares[1], 1);
    EXPECT_EQ(squares[4], 16);
    EXPECT_EQ(squares[5], 0x1p-1000);
    EXPECT_EQ(squares[6], 0x1p-1074);
    EXPECT_EQ(squares[7], 0);
    EXPECT_EQ(squares[8], 0);
    double large[10];
    target->power(base, 300, large, 10);
    EXPECT_EQ(large[0], 0);
    EXPECT_EQ(large[1], 1);
    EXPECT_EQ(large[9], 0x1p300);
  }
}

TEST(DeterministicPow, IsTheSameBytesOnEachTarget) {
  Random random(79);
  std::vector<double> base(5000);
  for (double& x : base) x = random.chance(0.05) ? 0 : std::ldexp(random.uniform(), -static_cast<int>(random.below(1070)));
  for (double exponent : {1e-3, 0.3, 1.0, 1.7, 2.0, 33.0}) {
    std::vector<double> reference;
    for (const DistanceKernels* target : all_targets()) {
      std::vector<double> result(base.size());
      target->power(base.data(), exponent, result.data(), base.size());
      if (reference.empty()) reference = result;
      ASSERT_EQ(std::memcmp(reference.data(), result.data(), result.size() * sizeof(double)), 0) << exponent;
    }
  }
}

}  // namespace
}  // namespace tda::test
