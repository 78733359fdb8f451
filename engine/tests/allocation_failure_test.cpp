// SPDX-License-Identifier: Apache-2.0
//
// The system refuses memory: each allocation of a call in turn fails once. The call ends with TDA_ERROR_OUT_OF_MEMORY, leaks nothing, and
// the next call is right.
#include <gtest/gtest.h>

#include <cstring>

#include "support/features.hpp"
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

std::vector<Workload> workloads() {
  Random random(61);
  DistanceMatrix matrix(25);
  for (std::uint32_t i = 0; i < 25; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.chance(0.2) ? infinity : random.uniform());
  return {{"points", sphere_points_input(40, 3, random), rips_options(2)},
          {"small threshold", uniform_points_input(3'000, 2, random), rips_options(1, 0.03)},
          {"sparse", sparse_input(matrix, TDA_FLOAT32, random), rips_options(2, infinity, 5)},
          {"full", full_input(matrix), rips_options(3)}};
}

TEST(AllocationFailure, EachAllocationOfACallMayFail) {
  for (const Workload& work : workloads()) {
    const BorrowedInput borrowed(work.input);
    tda_error error;
    tda_result* result = nullptr;
    std::uint64_t step = 1;
    std::uint64_t failures = 0;
    for (std::uint64_t countdown = 0;; countdown += step) {
      std::memset(&error, 0, sizeof error);
      error.struct_size = sizeof error;
      const std::uint64_t before = heap_bytes();
      bool failed = false;
      tda_status status = TDA_ERROR_INTERNAL;
      {
        const FailingAllocation failing(countdown);
        status = tda_vietoris_rips(borrowed.get(), &work.options, nullptr, &result, &error);
        failed = failing.has_failed();
      }
      if (!failed) {
        EXPECT_EQ(status, TDA_OK);
        tda_result_free(result);
        break;
      }
      ++failures;
      ASSERT_EQ(status, TDA_ERROR_OUT_OF_MEMORY) << work.name << " allocation " << countdown << ": " << error.message;
      ASSERT_EQ(result, nullptr);
      ASSERT_EQ(error.status, static_cast<std::uint32_t>(TDA_ERROR_OUT_OF_MEMORY));
      ASSERT_EQ(heap_bytes(), before) << work.name << " allocation " << countdown;
      if (countdown >= scaled_count(200)) step = countdown / 20 + 1;
    }
    EXPECT_GT(failures, 0u) << work.name;
    const Outcome first = compute(work.input, work.options);
    EXPECT_EQ(first.status, TDA_OK);
  }
}

TEST(AllocationFailure, OfAnEstimate) {
  for (const Workload& work : workloads()) {
    const BorrowedInput borrowed(work.input);
    for (std::uint64_t countdown = 0;; countdown += 1 + countdown / 20) {
      tda_rips_estimate estimate{};
      estimate.struct_size = sizeof estimate;
      const std::uint64_t before = heap_bytes();
      bool failed = false;
      tda_status status = TDA_ERROR_INTERNAL;
      {
        const FailingAllocation failing(countdown);
        status = tda_vietoris_rips_estimate(borrowed.get(), &work.options, nullptr, &estimate, nullptr);
        failed = failing.has_failed();
      }
      ASSERT_EQ(heap_bytes(), before) << work.name << " allocation " << countdown;
      ASSERT_EQ(status, failed ? TDA_ERROR_OUT_OF_MEMORY : TDA_OK) << work.name << " allocation " << countdown;
      if (!failed) break;
    }
  }
}

TEST(AllocationFailure, OfFeatures) {
  Random random(62);
  const Diagram a = random_diagram(40, 1, false, random);
  const Diagram b = random_diagram(40, 1, false, random);
  const std::vector<Feature> features{distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, a, b), wasserstein_of(a, b, 2, TDA_NORM_2),
                                summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, a), on_grid(summary_of(TDA_FEATURE_PERSISTENCE_LANDSCAPE, a), 0, 1, 30),
                                on_grid(summary_of(TDA_FEATURE_PERSISTENCE_IMAGE, a), 0, 1, 30), takens_of({0, 1, 2, 3, 4, 5, 6, 7}, 2, 3, 1, 1),
                                farthest_of({0, 1, 2, 3, 4, 5}, 2, 10), z_score_of({1, 2, 4}, {3})};
  const std::vector<double> numbers = packed(features);
  tda_feature_options options;
  tda_feature_options_init(&options);
  std::uint64_t failures = 0;
  for (std::uint64_t countdown = 0;; ++countdown) {
    tda_feature_result* result = nullptr;
    const std::uint64_t before = heap_bytes();
    bool failed = false;
    tda_status status = TDA_ERROR_INTERNAL;
    {
      const FailingAllocation failing(countdown);
      status = tda_compute_packed_features(numbers.data(), numbers.size(), &options, nullptr, &result, nullptr);
      failed = failing.has_failed();
    }
    if (!failed) {
      EXPECT_EQ(status, TDA_OK);
      tda_feature_result_free(result);
      EXPECT_EQ(heap_bytes(), before);
      break;
    }
    ++failures;
    ASSERT_EQ(status, TDA_ERROR_OUT_OF_MEMORY) << countdown;
    ASSERT_EQ(result, nullptr);
    ASSERT_EQ(heap_bytes(), before) << countdown;
  }
  EXPECT_GT(failures, 50u);
}

}  // namespace
}  // namespace tda::test
