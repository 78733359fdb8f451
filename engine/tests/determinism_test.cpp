// SPDX-License-Identifier: Apache-2.0
//
// The same call gives the same bytes: again, with any number of threads asked for, on each instruction set, and while others run.
#include <gtest/gtest.h>

#if !defined(__wasm__)
#include <thread>
#endif

#include "support/inputs.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

TEST(Determinism, AgainAndWithAnyNumberOfThreads) {
  Random random(2);
  const Input input = sphere_points_input(100, 3, random);
  tda_rips_options options = rips_options(2, infinity, 3);
  const Outcome expected = compute(input, options);
  ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
  for (std::uint32_t threads = 0; threads <= 5; ++threads) {
    options.threads = threads;
    const Outcome outcome = compute(input, options);
    ASSERT_EQ(outcome.status, TDA_OK) << threads << outcome.error.message;
    EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << threads;
    EXPECT_EQ(outcome.statistics.simplices, expected.statistics.simplices) << threads;
  }
}

TEST(Determinism, OnEveryInstructionSet) {
  Random random(3);
  const Input inputs[] = {sphere_points_input(120, 3, random), uniform_points_input(400, 5, random, TDA_FLOAT32),
                          random_symmetric_input(60, random), random_symmetric_input(100, random)};
  for (const Input& input : inputs) {
    tda_rips_options options = rips_options(input.rows > 200 ? 1 : input.rows == 100 ? 3 : 2);
    options.simd_target = TDA_SIMD_BASELINE;
    const Outcome expected = compute(input, options);
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    for (std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      const Outcome outcome = compute(input, options);
      EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << tda_simd_target_name(target);
      EXPECT_EQ(outcome.statistics.edges, expected.statistics.edges);
    }
  }
}

#if !defined(__wasm__)
TEST(Determinism, TwoComputationsAtOnce) {
  Random random(4);
  const Input inputs[] = {sphere_points_input(80, 3, random), random_symmetric_input(50, random)};
  const tda_rips_options options = rips_options(2);
  const Outcome expected[] = {compute(inputs[0], options), compute(inputs[1], options)};
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    Outcome outcomes[2];
    {
      std::jthread first([&] { outcomes[0] = compute(inputs[0], options); });
      std::jthread second([&] { outcomes[1] = compute(inputs[1], options); });
    }
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(outcomes[i].status, TDA_OK);
      EXPECT_TRUE(same_bytes(outcomes[i].diagrams, expected[i].diagrams));
    }
  }
}
#endif

}  // namespace
}  // namespace tda::test
