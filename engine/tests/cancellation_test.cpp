// SPDX-License-Identifier: Apache-2.0
//
// Progress and cancellation. No test asserts a time; the latencies are printed and recorded as test properties.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#if !defined(__wasm__)
#include <thread>
#endif

#include "support/inputs.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Takes far longer than any test waits (minutes): only a cancel ends it. Over Z/2 it would take seconds.
Input endless_input(Random& random) { return random_symmetric_input(200, random); }
tda_rips_options endless_options() { return rips_options(3, infinity, 3); }

struct Watch {
  std::function<int(const tda_progress&)> on_progress;
};

tda_control watched_by(Watch& watch) {
  tda_control control{};
  control.struct_size = sizeof control;
  control.user = &watch;
  control.on_progress = [](void* user, const tda_progress* progress) {
    return static_cast<Watch*>(user)->on_progress(*progress);
  };
  return control;
}

/// Every report is checked as it comes.
struct ProgressLog {
  std::uint32_t reports = 0;
  tda_progress last{};

  void add(const tda_progress& progress) {
    EXPECT_GE(progress.fraction, last.fraction);
    EXPECT_GE(progress.fraction, 0.0);
    EXPECT_LE(progress.fraction, 1.0);
    EXPECT_NE(last.fraction, 1.0) << "a report after the last one";
    EXPECT_LE(progress.columns_done, progress.columns_total);
    EXPECT_LE(progress.stage, static_cast<std::uint32_t>(TDA_STAGE_DONE));
    if (progress.fraction == 1.0) {
      EXPECT_EQ(progress.stage, static_cast<std::uint32_t>(TDA_STAGE_DONE));
    }
    last = progress;
    ++reports;
  }
};

#if !defined(__wasm__)
TEST(Cancellation, FlagFromAnotherThreadAtAnyMoment) {
  Random random(11);
  const Input input = endless_input(random);
  double worst = 0;
  for (std::uint32_t k = 0; k < scaled_count(12); ++k) {
    volatile std::int32_t cancel = 0;
    std::atomic<Clock::time_point> asked;
    tda_control control{};
    control.struct_size = sizeof control;
    control.cancel = &cancel;
    const auto delay = std::chrono::microseconds(random.below(400'000));
    Outcome outcome;
    {
      std::jthread canceller([&] {
        std::this_thread::sleep_for(delay);
        asked = Clock::now();
        cancel = 1;
      });
      outcome = compute(input, endless_options(), &control);
      worst = std::max(worst, milliseconds_since(asked));
    }
    ASSERT_EQ(outcome.status, TDA_ERROR_CANCELLED) << outcome.error.message;
  }
  std::printf("worst latency of a cancel flag: %.1f ms\n", worst);
  RecordProperty("worst_latency_ms", std::to_string(worst));
}
#endif

TEST(Cancellation, FromTheProgressCallbackAtAnyReport) {
  Random random(12);
  const Input input = endless_input(random);
  double worst = 0;
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    const std::uint32_t stop_at = random.between(1, 15);
    ProgressLog log;
    Clock::time_point asked;
    Watch watch{[&](const tda_progress& progress) {
      log.add(progress);
      asked = Clock::now();
      return log.reports >= stop_at ? 1 : 0;
    }};
    const tda_control control = watched_by(watch);
    const Outcome outcome = compute(input, endless_options(), &control);
    worst = std::max(worst, milliseconds_since(asked));
    ASSERT_EQ(outcome.status, TDA_ERROR_CANCELLED) << outcome.error.message;
    EXPECT_EQ(log.reports, stop_at) << "a report after the callback asked to stop";
    EXPECT_LT(log.last.fraction, 1.0);
  }
  std::printf("worst latency of a cancelling callback: %.1f ms\n", worst);
  RecordProperty("worst_latency_ms", std::to_string(worst));
}

#if !defined(__wasm__)
/// The early stages of large inputs: distances, the sort of millions of edges, sparse neighbours; and annotations.
TEST(Cancellation, FlagIsSeenInEveryStageOfLargeInputs) {
  Random random(13);
  const Input inputs[] = {uniform_points_input(5'000, 3, random), uniform_points_input(5'000, 3, random, TDA_FLOAT32),
                          uniform_points_input(300'000, 2, random), uniform_points_input(200'000, 3, random),
                          sphere_points_input(20'000, 20, random),      random_symmetric_input(150, random)};
  const std::uint32_t dimensions[] = {1, 1, 1, 0, 0, 3};
  const double thresholds[] = {infinity, infinity, 0.01, infinity, infinity, infinity};
  double worst = 0;
  for (std::uint32_t k = 0; k < scaled_count(30); ++k) {
    volatile std::int32_t cancel = 0;
    std::atomic<Clock::time_point> asked = Clock::time_point::max();
    tda_control control{};
    control.struct_size = sizeof control;
    control.cancel = &cancel;
    const auto delay = std::chrono::microseconds(random.below(600'000));
    Outcome outcome;
    std::atomic<bool> finished = false;
    {
      std::jthread canceller([&] {
        const Clock::time_point deadline = Clock::now() + delay;
        while (!finished && Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        asked = Clock::now();
        cancel = 1;
      });
      outcome = compute(inputs[k % 6], rips_options(dimensions[k % 6], thresholds[k % 6]), &control);
      if (outcome.status == TDA_ERROR_CANCELLED) worst = std::max(worst, milliseconds_since(asked));
      finished = true;
    }
    ASSERT_TRUE(outcome.status == TDA_ERROR_CANCELLED || outcome.status == TDA_OK) << outcome.error.message;
  }
  std::printf("worst latency on large inputs: %.1f ms\n", worst);
  RecordProperty("worst_latency_ms", std::to_string(worst));
}

/// Representatives: the second reduction, its shortening, shortest paths.
TEST(Cancellation, FlagIsSeenWhileRepresentativesAreMade) {
  Random random(19);
  const Input inputs[] = {random_symmetric_input(110, random), uniform_points_input(2'000, 2, random)};
  const std::uint32_t dimensions[] = {2, 1};
  double worst = 0;
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    volatile std::int32_t cancel = 0;
    std::atomic<Clock::time_point> asked = Clock::time_point::max();
    tda_control control{};
    control.struct_size = sizeof control;
    control.cancel = &cancel;
    const auto delay = std::chrono::microseconds(random.below(500'000));
    tda_rips_options options = rips_options(dimensions[k % 2]);
    options.representatives = k % 3 == 0 ? TDA_REPRESENTATIVES_COCYCLES : TDA_REPRESENTATIVES_CYCLES;
    Outcome outcome;
    std::atomic<bool> finished = false;
    {
      std::jthread canceller([&] {
        const Clock::time_point deadline = Clock::now() + delay;
        while (!finished && Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        asked = Clock::now();
        cancel = 1;
      });
      outcome = compute(inputs[k % 2], options, &control);
      if (outcome.status == TDA_ERROR_CANCELLED) worst = std::max(worst, milliseconds_since(asked));
      finished = true;
    }
    ASSERT_TRUE(outcome.status == TDA_ERROR_CANCELLED || outcome.status == TDA_OK) << outcome.error.message;
  }
  std::printf("worst latency with representatives: %.1f ms\n", worst);
  RecordProperty("worst_latency_ms", std::to_string(worst));
}
#endif

TEST(Cancellation, AFlagSetBeforeTheCallStopsIt) {
  Random random(14);
  volatile std::int32_t cancel = 1;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &cancel;
  EXPECT_EQ(compute(endless_input(random), endless_options(), &control).status, TDA_ERROR_CANCELLED);
}

TEST(Cancellation, AnEstimateCanBeCancelled) {
  Random random(15);
  const Input input = uniform_points_input(300'000, 2, random);
  BorrowedInput borrowed(input);
  volatile std::int32_t cancel = 1;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &cancel;
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  const tda_rips_options options = rips_options(2);
  EXPECT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &options, &control, &estimate, nullptr), TDA_ERROR_CANCELLED);
}

TEST(Cancellation, TheNextCallIsRight) {
  Random random(16);
  const Input input = sphere_points_input(60, 3, random);
  const Outcome expected = compute(input, rips_options(2));
  volatile std::int32_t cancel = 1;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &cancel;
  for (int k = 0; k < 20; ++k) {
    compute(endless_input(random), endless_options(), &control);
    EXPECT_TRUE(same_bytes(compute(input, rips_options(2)).diagrams, expected.diagrams));
  }
}

TEST(Progress, IsMonotoneAndOneOnlyAtTheEnd) {
  Random random(17);
  const Input inputs[] = {random_symmetric_input(60, random), sphere_points_input(250, 3, random),
                          uniform_points_input(1'500, 3, random), points_input({}), points_input({{1.0}})};
  const std::uint32_t dimensions[] = {3, 2, 1, 2, 2};
  for (int k = 0; k < 5; ++k) {
    ProgressLog log;
    Watch watch{[&](const tda_progress& progress) {
      log.add(progress);
      return 0;
    }};
    const tda_control control = watched_by(watch);
    const Outcome outcome = compute(inputs[k], rips_options(dimensions[k]), &control);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    if (log.reports > 0) {
      EXPECT_EQ(log.last.fraction, 1.0) << k;
    }
    EXPECT_LE(log.last.bytes, outcome.statistics.peak_bytes);
    const Outcome unwatched = compute(inputs[k], rips_options(dimensions[k]));
    EXPECT_TRUE(same_bytes(outcome.diagrams, unwatched.diagrams));
  }
}

TEST(Progress, ALongComputationReportsMoreThanItsEnds) {
  Random random(18);
  ProgressLog log;
  bool seen_columns = false;
  Watch watch{[&](const tda_progress& progress) {
    log.add(progress);
    seen_columns = seen_columns || progress.columns_total > 0;
    return log.reports >= 20 ? 1 : 0;
  }};
  const tda_control control = watched_by(watch);
  EXPECT_EQ(compute(endless_input(random), endless_options(), &control).status, TDA_ERROR_CANCELLED);
  EXPECT_EQ(log.reports, 20u);
  EXPECT_TRUE(seen_columns);
}

}  // namespace
}  // namespace tda::test
