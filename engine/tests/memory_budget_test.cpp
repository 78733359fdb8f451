// SPDX-License-Identifier: Apache-2.0
//
// The memory budget: kept or refused, on the real heap too; the process lives on and does not grow.
#include <gtest/gtest.h>

#include <cmath>

#include "support/approximation.hpp"
#include "support/heap_probe.hpp"
#include "support/inputs.hpp"
#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

struct Workload {
  const char* name;
  Input input;
  tda_rips_options options;
};

tda_rips_options with_representatives(tda_rips_options options, tda_representatives kind) {
  options.representatives = kind;
  return options;
}

std::vector<Workload> workloads() {
  Random random(51);
  DistanceMatrix matrix(60);
  for (std::uint32_t i = 0; i < 60; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.chance(0.3) ? infinity : random.uniform());
  const Input dense_sphere = sphere_points_input(300, 3, random);
  tda_rips_options collapsed = rips_options(2, 0.8);
  collapsed.edge_collapse = TDA_COLLAPSE_ON;
  const Input plane = uniform_points_input(10'000, 2, random);
  tda_rips_options collapsed_plane = rips_options(2, 0.03);
  collapsed_plane.edge_collapse = TDA_COLLAPSE_ON;
  return {
      {"collapsed sphere", dense_sphere, collapsed},
      {"collapsed plane", plane, collapsed_plane},
      {"sphere", sphere_points_input(100, 3, random), rips_options(2)},
      {"random symmetric", random_symmetric_input(40, random), rips_options(3, infinity, 3)},
      {"annotations", random_symmetric_input(84, random), rips_options(3)},
      {"float32 points", uniform_points_input(600, 3, random, TDA_FLOAT32), rips_options(1)},
      {"sparse", sparse_input(matrix, TDA_FLOAT64, random), rips_options(2)},
      {"small threshold", uniform_points_input(20'000, 2, random), rips_options(1, 0.01)},
      {"edges up to a cut", uniform_points_input(3'000, 3, random), rips_options(1)},
      {"spanning forest", uniform_points_input(20'000, 3, random), rips_options(0)},
      {"full matrix", full_input(scaled(matrix, 2)), rips_options(2)},
      {"subsample", uniform_points_input(20'000, 3, random), subsample(rips_options(1), 300)},
      {"subsample of a matrix", random_symmetric_input(300, random), subsample(rips_options(1), 60)},
      {"sparse Rips", uniform_points_input(3'000, 2, random), sparse_rips(rips_options(1), 0.9)},
      {"simplices", uniform_points_input(2'000, 2, random), with_representatives(rips_options(1, 0.05), TDA_REPRESENTATIVES_SIMPLICES)},
      {"cocycles", random_symmetric_input(40, random),
       with_representatives(rips_options(2, infinity, 3), TDA_REPRESENTATIVES_COCYCLES)},
      {"cycles", random_symmetric_input(40, random), with_representatives(rips_options(2, 0.8, 3), TDA_REPRESENTATIVES_CYCLES)},
  };
}

/// Below it the result's own arrays and the library's bookkeeping, which are not the engine's working memory, weigh more than 5 %.
constexpr double slack_bytes = 128 << 10;

TEST(MemoryBudget, IsKeptOrRefusedAtEverySize) {
  for (const Workload& work : workloads()) {
    const Outcome unlimited = compute(work.input, work.options);
    ASSERT_EQ(unlimited.status, TDA_OK) << work.name << unlimited.error.message;
    BorrowedInput borrowed(work.input);
    // How many threads hold their working memory at the same moment is the scheduler's: the highest of a few is near what may be.
    std::uint64_t peak = unlimited.statistics.peak_bytes;
    for (int again = 0; again < 4; ++again) peak = std::max(peak, compute(work.input, work.options).statistics.peak_bytes);
    EXPECT_GE(peak, borrowed.bytes()) << work.name;
    std::uint32_t refused = 0;
    std::uint32_t completed = 0;
    const std::uint32_t steps = std::max(8u, scaled_count(40));
    for (std::uint32_t k = 0; k <= steps; ++k) {
      tda_rips_options options = work.options;
      options.memory_limit_bytes = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(1.2 * static_cast<double>(peak) * k / steps));
      const double limit = static_cast<double>(options.memory_limit_bytes);
      reset_heap_peak();
      const std::uint64_t heap_before = heap_bytes();
      const Outcome outcome = compute(borrowed, options);
      const double heap_growth = static_cast<double>(heap_peak_bytes() - heap_before);
      EXPECT_LE(heap_growth + static_cast<double>(borrowed.bytes()), 1.05 * limit + static_cast<double>(borrowed.bytes()) + slack_bytes)
          << work.name << " limit " << options.memory_limit_bytes;
      if (outcome.status == TDA_OK) {
        ++completed;
        EXPECT_LE(static_cast<double>(outcome.statistics.peak_bytes), 1.05 * limit) << work.name;
        EXPECT_TRUE(same_bytes(outcome.diagrams, unlimited.diagrams)) << work.name;
      } else {
        ++refused;
        ASSERT_EQ(outcome.status, TDA_ERROR_MEMORY_LIMIT) << work.name << ' ' << outcome.error.message;
        EXPECT_GT(outcome.error.bytes, 0u) << work.name;
        EXPECT_LE(outcome.error.dimension, work.options.max_dimension) << work.name;
      }
    }
    EXPECT_GT(refused, 0u) << work.name;
    EXPECT_GT(completed, 0u) << work.name << ": 1.2 times the peak without a limit was not enough";
    EXPECT_TRUE(same_bytes(compute(work.input, work.options).diagrams, unlimited.diagrams)) << work.name << " after the failures";
  }
}

TEST(MemoryBudget, CountsWhatTheHeapGives) {
  for (const Workload& work : workloads()) {
    BorrowedInput borrowed(work.input);
    reset_heap_peak();
    const std::uint64_t heap_before = heap_bytes();
    const Outcome outcome = compute(borrowed, work.options);
    const double measured = static_cast<double>(heap_peak_bytes() - heap_before);
    EXPECT_LE(measured, 1.05 * static_cast<double>(outcome.statistics.peak_bytes) + slack_bytes) << work.name;
  }
}

TEST(MemoryBudget, AFailureLeavesNothingBehind) {
  for (const Workload& work : workloads()) {
    BorrowedInput borrowed(work.input);
    tda_rips_options options = work.options;
    options.memory_limit_bytes = borrowed.bytes() + 20'000;
    compute(borrowed, options);
    const std::uint64_t before = heap_bytes();
    for (int k = 0; k < 20; ++k) compute(borrowed, options);
    EXPECT_EQ(heap_bytes(), before) << work.name;
  }
}

TEST(MemoryBudget, SmallerThanTheInputIsRefused) {
  Random random(52);
  const Input input = random_symmetric_input(100, random);
  tda_rips_options options = rips_options(1);
  options.memory_limit_bytes = 1000;
  const Outcome outcome = compute(input, options);
  EXPECT_EQ(outcome.status, TDA_ERROR_MEMORY_LIMIT);
  EXPECT_GE(outcome.error.bytes, 100u * 99 / 2 * 8);
}

TEST(MemoryBudget, AThousandCallsDoNotGrow) {
  Random random(53);
  const Input input = sphere_points_input(40, 3, random);
  const Input bad = points_input({{std::nan("")}});
  for (int k = 0; k < 10; ++k) compute(input, rips_options(2));
  compute(bad, rips_options(1));
  const std::uint64_t before = heap_bytes();
  for (std::uint32_t k = 0; k < std::max(100u, scaled_count(1000)); ++k) {
    compute(input, rips_options(2));
    if (k % 10 == 0) compute(bad, rips_options(1));
  }
  EXPECT_EQ(heap_bytes(), before);
}

}  // namespace
}  // namespace tda::test
