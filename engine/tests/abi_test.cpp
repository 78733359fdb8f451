// SPDX-License-Identifier: Apache-2.0
//
// The C ABI beside the computation: names, defaults, targets, NULL handling.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <set>
#include <string>

#include "support/rips_call.hpp"

namespace tda::test {
namespace {

TEST(Abi, EveryStatusHasItsOwnName) {
  const tda_status statuses[] = {TDA_OK, TDA_ERROR_NULL_ARGUMENT, TDA_ERROR_NOT_A_NUMBER, TDA_ERROR_NEGATIVE_DISTANCE,
      TDA_ERROR_ASYMMETRIC_DISTANCE, TDA_ERROR_DIAGONAL_ABOVE_EDGE, TDA_ERROR_INDEX_OUT_OF_RANGE, TDA_ERROR_CONFLICTING_ENTRIES,
      TDA_ERROR_ZERO_VECTOR, TDA_ERROR_DISTANCE_OVERFLOW, TDA_ERROR_DEATH_BEFORE_BIRTH, TDA_ERROR_INVALID_DIMENSION, TDA_ERROR_INVALID_FIELD,
      TDA_ERROR_INVALID_THRESHOLD, TDA_ERROR_INVALID_METRIC, TDA_ERROR_NOT_SUPPORTED, TDA_ERROR_INVALID_OPTION,
      TDA_ERROR_NO_BAR, TDA_ERROR_SCALE_OUTSIDE_BAR, TDA_ERROR_NOT_INTEGRAL,
      TDA_ERROR_MEMORY_LIMIT, TDA_ERROR_INDEX_OVERFLOW, TDA_ERROR_OUT_OF_MEMORY, TDA_ERROR_CANCELLED, TDA_ERROR_INTERNAL};
  std::set<std::string> names;
  for (tda_status status : statuses) names.insert(tda_status_name(static_cast<std::uint32_t>(status)));
  EXPECT_EQ(names.size(), std::size(statuses));
  EXPECT_TRUE(names.contains("TDA_OK"));
  EXPECT_TRUE(names.contains("TDA_ERROR_MEMORY_LIMIT"));
  EXPECT_FALSE(names.contains("TDA_ERROR_UNKNOWN"));
  for (std::uint32_t unknown : {1u, 99u, 110u, 299u, 901u, UINT32_MAX})
    EXPECT_STREQ(tda_status_name(unknown), "TDA_ERROR_UNKNOWN") << unknown;
}

TEST(Abi, DefaultsAreTheDocumentedOnes) {
  tda_rips_options options;
  std::memset(&options, 0xff, sizeof options);
  tda_rips_options_init(&options);
  EXPECT_EQ(options.struct_size, sizeof options);
  EXPECT_EQ(options.max_dimension, 1u);
  EXPECT_EQ(options.threshold, infinity);
  EXPECT_EQ(options.coefficient_field, 2u);
  EXPECT_EQ(options.edge_collapse, static_cast<std::uint32_t>(TDA_COLLAPSE_AUTO));
  EXPECT_EQ(options.representatives, static_cast<std::uint32_t>(TDA_REPRESENTATIVES_NONE));
  EXPECT_EQ(options.threads, 0u);
  EXPECT_EQ(options.memory_limit_bytes, 0u);
  EXPECT_EQ(options.simd_target, static_cast<std::uint32_t>(TDA_SIMD_AUTO));
  EXPECT_EQ(options.approximation, static_cast<std::uint32_t>(TDA_APPROXIMATION_NONE));
  tda_circular_options circular;
  std::memset(&circular, 0, sizeof circular);
  tda_circular_options_init(&circular);
  EXPECT_EQ(circular.struct_size, sizeof circular);
  EXPECT_EQ(circular.bar, TDA_NO_INDEX);
  EXPECT_NE(circular.scale, circular.scale);
  tda_input input;
  std::memset(&input, 0xff, sizeof input);
  tda_input_init(&input);
  EXPECT_EQ(input.struct_size, sizeof input);
  EXPECT_EQ(input.rows, 0u);
  EXPECT_EQ(input.values, nullptr);
}

TEST(Abi, TargetsHaveNamesAndTheBestOneIsAvailable) {
  std::set<std::string> names;
  for (std::uint32_t target : {TDA_SIMD_AUTO, TDA_SIMD_BASELINE, TDA_SIMD_AVX2, TDA_SIMD_AVX512, TDA_SIMD_NEON, TDA_SIMD_WASM128})
    names.insert(tda_simd_target_name(target));
  EXPECT_EQ(names.size(), 6u);
  EXPECT_TRUE(tda_simd_target_available(TDA_SIMD_BASELINE));
  EXPECT_TRUE(tda_simd_target_available(TDA_SIMD_AUTO));
  EXPECT_TRUE(tda_simd_target_available(tda_simd_best_target()));
  EXPECT_NE(tda_simd_best_target(), static_cast<std::uint32_t>(TDA_SIMD_AUTO));
  EXPECT_FALSE(tda_simd_target_available(77));
  EXPECT_NE(tda_simd_target_name(77), nullptr);
}

TEST(Abi, AutoRunsTheBestTarget) {
  const Outcome outcome = compute(points_input({{0.0}, {1.0}}), rips_options(1));
  EXPECT_EQ(outcome.statistics.simd_target, tda_simd_best_target());
}

TEST(Abi, VersionIsThreeNumbers) {
  int major = -1, minor = -1, patch = -1, end = 0;
  ASSERT_EQ(std::sscanf(tda_version(), "%d.%d.%d%n", &major, &minor, &patch, &end), 3);
  EXPECT_EQ(tda_version()[end], 0);
}

TEST(Abi, ResultsAcceptNullAndUnknownDimensions) {
  tda_result_free(nullptr);
  const Input input = points_input({{0.0}, {1.0}});
  BorrowedInput borrowed(input);
  const tda_rips_options options = rips_options(1);
  tda_result* result = nullptr;
  ASSERT_EQ(tda_vietoris_rips(borrowed.get(), &options, nullptr, &result, nullptr), TDA_OK);
  std::uint64_t count = 5;
  tda_result_diagram(result, 2, &count);
  EXPECT_EQ(count, 0u);
  tda_result_diagram(result, UINT32_MAX, &count);
  EXPECT_EQ(count, 0u);
  tda_result_free(result);
}

}  // namespace
}  // namespace tda::test
